import { parsePath } from "./differ.ts";
import { at, isJsonMap, type Json, type JsonMap, list, text, withValue } from "./json.ts";

/**
 * Puts the live value in the place of each ignored field, so that applying neither changes it nor
 * gives it up; one that belongs to others only is left out.
 */
export function keepIgnored(
  object: JsonMap,
  live: JsonMap,
  fieldManager: string,
  ignoreChanges: readonly string[],
): JsonMap {
  return ignoreChanges.map(parsePath).reduce<JsonMap>((result, path) => {
    const steps = path.map(String);
    const value = at(live, ...path);
    if (value === undefined || path.some((step) => typeof step === "number")) return result;
    const owned = owners(live, steps);
    const foreign = owned.length > 0 && !owned.includes(fieldManager);
    return withValue(result, steps, foreign ? undefined : value);
  }, object);
}

function owners(live: JsonMap, path: readonly string[]): readonly string[] {
  const managed = at(live, "metadata", "managedFields");
  const fields = path.map((step) => `f:${step}`);
  return (Array.isArray(managed) ? managed : [])
    .filter((one) => at(one, "fieldsV1", ...fields) !== undefined)
    .map((one) => text(one, "manager"));
}

// What was changed by hand with these is ours again with the next update, as it is with the real
// plugin; changes of controllers are not.
const BY_HAND = [
  "kubectl",
  "before-first-apply",
  "pulumi-kubernetes",
  "pulumi-resource-kubernetes",
];

/** Owners of an object's fields as an update of them needs it. */
export interface Owners {
  /** Refused by the API server where the object has changed since. */
  readonly resourceVersion: string;
  readonly managedFields: readonly Json[];
}

function isByHand(entry: Json): boolean {
  const manager = text(entry, "manager");
  const applied = text(entry, "operation") === "Apply";
  return (
    text(entry, "subresource") === "" &&
    (applied ? manager.startsWith("kubectl") : BY_HAND.some((prefix) => manager.startsWith(prefix)))
  );
}

/**
 * Gives what was changed by hand to `fieldManager`, so that applying neither meets a conflict nor
 * leaves fields behind that the program does not have. `undefined` where there is nothing to give.
 */
export function withTakenOver(live: JsonMap, fieldManager: string): Owners | undefined {
  const entries = list(live, "metadata", "managedFields");
  const taken = entries.filter(isByHand);
  const [first] = taken;
  if (!isJsonMap(first)) return undefined;
  const isOurs = (entry: Json): boolean =>
    text(entry, "manager") === fieldManager && text(entry, "operation") === "Apply";
  const own = entries.find(isOurs);
  const joining: readonly Json[] = own === undefined ? taken : [own, ...taken];
  const joined = joining
    .map((entry): Json => at(entry, "fieldsV1") ?? null)
    .filter(isJsonMap)
    .reduce(union, {});
  const ours = { ...first, manager: fieldManager, operation: "Apply", fieldsV1: joined };
  const others = entries.filter((entry) => !isOurs(entry) && !taken.includes(entry));
  return {
    resourceVersion: text(live, "metadata", "resourceVersion"),
    managedFields: [...others, ours],
  };
}

function union(one: JsonMap, other: JsonMap): JsonMap {
  const merged = Object.entries(other).map(([name, value]): [string, Json] => {
    const here = at(one, name);
    return [name, isJsonMap(here) && isJsonMap(value) ? union(here, value) : value];
  });
  return { ...one, ...Object.fromEntries(merged) };
}
