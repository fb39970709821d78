import type { Change, DiffKind, DiffResult, PropertyMap, PropertyValue } from "../rpc/index.ts";
import { bare, hasUnknown, isList, isMap, isSame, memberPath, reveal } from "../rpc/index.ts";
import type { AwsType } from "./kind.ts";
import { SETS } from "./types.ts";

interface Leaf {
  /** Path as the engine writes it, `tags["a.b"]` or `rules[0].id`. */
  readonly path: string;
  /** Path without indices and quotes, as the table of types writes it. */
  readonly plain: string;
  readonly change: Change;
  readonly unknown: boolean;
}

/** What would have to happen to a resource with the inputs `before` so that it fits `after`. */
export function diffInputs(type: AwsType, before: PropertyMap, after: PropertyMap): DiffResult {
  const gone = (type.removals ?? []).filter((name) => vacant(after[name]) && !vacant(before[name]));
  const forcing = [...type.replaces, ...gone, "region"];
  const detailed: Record<string, DiffKind> = {};
  const replaces = new Set<string>();
  for (const leaf of compare("", "", before, after)) {
    const forced = forcing.some((path) => touches(path, leaf));
    detailed[leaf.path] = forced ? `${leaf.change}-replace` : leaf.change;
    if (forced) replaces.add(leaf.plain.replace(/\..*/, ""));
  }
  return {
    changed: Object.keys(detailed).length > 0,
    replaces: [...replaces],
    deleteBeforeReplace: replaces.size > 0 && keepsName(type, before, after),
    detailed,
  };
}

/** Whether the plugin, not the program, gave the input `name` its value: the engine keeps a list. */
export function isDefault(inputs: PropertyMap, name: string): boolean {
  const list = bare(inputs.__defaults);
  return isList(list) && list.includes(name);
}

// Two of one name cannot be there at once.
function keepsName(type: AwsType, before: PropertyMap, after: PropertyMap): boolean {
  const name = type.autoName ?? "";
  const now = bare(after[name]);
  return typeof now === "string" && now === bare(before[name]) && !isDefault(before, name);
}

function touches(forcing: string, { plain, unknown }: Leaf): boolean {
  if (plain === forcing || plain.startsWith(`${forcing}.`)) return true;
  return unknown && forcing.startsWith(`${plain}.`);
}

// An empty map or list is the same as none.
function vacant(value: PropertyValue | undefined): boolean {
  const given = bare(value) ?? [];
  if (isList(given)) return given.length === 0;
  return isMap(given) && Object.keys(given).length === 0;
}

function compare(
  path: string,
  plain: string,
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
): readonly Leaf[] {
  if (vacant(before) && vacant(after)) return [];
  const old = vacant(before) ? undefined : bare(before);
  const now = vacant(after) ? undefined : bare(after);
  const name = plain.slice(plain.lastIndexOf(".") + 1);
  if (SETS.has(name)) return leaves(path, plain, asSet(old), asSet(now));
  if (isMap(old ?? now) && isMap(now ?? old)) {
    return compareMaps(path, plain, isMap(old) ? old : {}, isMap(now) ? now : {});
  }
  if (isList(old ?? now) && isList(now ?? old)) {
    const [left, right] = [isList(old) ? old : [], isList(now) ? now : []];
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, at) => at).flatMap((at) =>
      compare(`${path}[${at}]`, plain, left[at], right[at]),
    );
  }
  return leaves(path, plain, old, now);
}

function compareMaps(
  path: string,
  plain: string,
  before: PropertyMap,
  after: PropertyMap,
): readonly Leaf[] {
  // What the plugin filled in last time, it would fill in again.
  const given = Object.keys(before).filter(
    (name) => name !== "__defaults" && (name in after || !isDefault(before, name)),
  );
  const names = new Set([...given, ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    compare(
      memberPath(path, name),
      plain === "" ? name : `${plain}.${name}`,
      before[name],
      after[name],
    ),
  );
}

function leaves(
  path: string,
  plain: string,
  old: PropertyValue | undefined,
  now: PropertyValue | undefined,
): readonly Leaf[] {
  if (isSame(old, now)) return [];
  const change = old === undefined ? "add" : now === undefined ? "delete" : "update";
  return [{ path, plain, change, unknown: hasUnknown(now) }];
}

function asSet(value: PropertyValue | undefined): PropertyValue | undefined {
  if (!isList(value) || hasUnknown(value)) return value;
  const texts = value.map((one) => JSON.stringify(reveal(one)));
  return texts.toSorted();
}
