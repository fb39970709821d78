import { type DiffKind, UNKNOWN } from "../rpc/index.ts";
import { type Step, touches } from "./immutable.ts";
import { at, isJsonList, isJsonMap, type Json, type JsonMap, same, withValue } from "./json.ts";
import { sameQuantity } from "./quantity.ts";

/**
 * Cuts `live` down to the shape of `inputs`: what the API server or others added is left out.
 * The `stringData` of a Secret, which can be written only, is read back out of its data.
 */
export function prune(live: JsonMap, inputs: JsonMap): JsonMap {
  const words = at(inputs, "stringData");
  const data = at(live, "data");
  const readable =
    isJsonMap(words) && isJsonMap(data) ? withValue(live, ["stringData"], decoded(data)) : live;
  return pruneMap(readable, inputs);
}

function decoded(data: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      Buffer.from(String(value), "base64").toString("utf8"),
    ]),
  );
}

function pruneMap(live: JsonMap, inputs: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([name]) => Object.hasOwn(live, name))
      .map(([name, input]) => [name, pruneValue(live[name] ?? null, input)]),
  );
}

function pruneValue(live: Json, input: Json): Json {
  if (isJsonMap(live) && isJsonMap(input)) return pruneMap(live, input);
  if (isJsonList(live) && isJsonList(input)) {
    return live.slice(0, input.length).map((one, index) => pruneValue(one, input[index] ?? null));
  }
  return live;
}

/**
 * Brings the inputs of the last update up to date with what a refresh found: where the object did
 * not change since `before`, the input stays as it was written; where it did, the live value shows.
 */
export function refreshed(inputs: JsonMap, before: JsonMap, now: JsonMap): JsonMap {
  return mergeMap(inputs, prune(before, inputs), prune(now, inputs));
}

function mergeMap(inputs: JsonMap, before: Json | undefined, now: JsonMap): JsonMap {
  const entries = Object.entries(inputs).flatMap(([name, input]) => {
    const current = at(now, name);
    const value = merge(input, at(before, name), current);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function merge(input: Json, before: Json | undefined, now: Json | undefined): Json | undefined {
  if (same(before, now)) return input;
  if (isJsonMap(input) && isJsonMap(now)) return mergeMap(input, before, now);
  return now;
}

/** What differs, by property path as `spec.template.spec.containers[0].image`. */
export type Differences = Readonly<Record<string, DiffKind>>;

/** What `compare` compares. */
export interface Comparison {
  /** The live object as of the last operation, cut to the shape of the old inputs. */
  readonly old: JsonMap;
  readonly inputs: JsonMap;
  readonly oldInputs: JsonMap;
  /** Fields whose change makes a replacement. */
  readonly immutable: readonly (readonly string[])[];
  readonly ignoreChanges: readonly string[];
}

/** Lists what an update would change, and what of it makes a replacement. */
export function compare(comparison: Comparison): Differences {
  const found: [string, DiffKind][] = [];
  const ignored = comparison.ignoreChanges.map(parsePath);
  const visit = (
    path: readonly Step[],
    old: Json | undefined,
    input: Json | undefined,
    oldInput: Json | undefined,
  ): void => {
    if (same(old, input) || sameQuantity(path, old, input)) return;
    // The server leaves out what says nothing: null, empty, false, zero.
    if (old === undefined && isBlank(input) && same(input, oldInput)) return;
    if (isJsonMap(old) && isJsonMap(input)) {
      for (const name of new Set([...Object.keys(old), ...Object.keys(input)])) {
        visit([...path, name], at(old, name), at(input, name), at(oldInput, name));
      }
      return;
    }
    if (isJsonList(old) && isJsonList(input)) {
      for (let index = 0; index < Math.max(old.length, input.length); index++) {
        visit([...path, index], old[index], input[index], at(oldInput, index));
      }
      return;
    }
    if (ignored.some((one) => contains(one, path))) return;
    const replace = touches(path, input ?? old, comparison.immutable);
    const kind = old === undefined ? "add" : input === undefined ? "delete" : "update";
    found.push([pathText(path), replace ? `${kind}-replace` : kind]);
  };
  visit([], comparison.old, comparison.inputs, comparison.oldInputs);
  return Object.fromEntries(found);
}

function isBlank(value: Json | undefined): boolean {
  if (value === UNKNOWN) return false;
  if (isJsonList(value)) return value.length === 0;
  if (isJsonMap(value)) return Object.values(value).every(isBlank);
  return !value;
}

/** Writes a property path; names with dots, quotes or brackets are quoted. */
export function pathText(path: readonly Step[]): string {
  return path.reduce<string>((before, step) => {
    if (typeof step === "number") return `${before}[${step}]`;
    if (/[."[\]]/.test(step)) return `${before}["${step.replaceAll('"', '\\"')}"]`;
    return before === "" ? step : `${before}.${step}`;
  }, "");
}

/** Reads a property path; `*` stands for any step. */
export function parsePath(path: string): readonly Step[] {
  const steps = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, index, name]) => {
    if (quoted !== undefined) return quoted.replaceAll('\\"', '"');
    if (index !== undefined) return index === "*" ? "*" : Number(index);
    return name ?? "";
  });
}

/** Whether `path` is `ignored` itself or lies below it. */
function contains(ignored: readonly Step[], path: readonly Step[]): boolean {
  return (
    ignored.length <= path.length &&
    ignored.every((step, index) => step === "*" || String(step) === String(path[index]))
  );
}
