import type { Change, DiffKind, DiffResult, PropertyMap, PropertyValue } from "../rpc/index.ts";
import { bare, isMap, isSame, memberPath, revealKnown } from "../rpc/index.ts";
import { withDefaults } from "./check.ts";
import type { Kind } from "./kind.ts";

/** What would have to happen to a resource in `state` so that it fits `inputs`. */
export function diff(kind: Kind, state: PropertyMap, inputs: PropertyMap): DiffResult {
  const wanted = withDefaults(kind, inputs);
  const detailed: Record<string, DiffKind> = {};
  const replaces: string[] = [];
  for (const [name, field] of Object.entries(kind.fields)) {
    const changes = compare(name, state[name], wanted[name]);
    for (const [path, change] of changes) {
      detailed[path] = field.inPlace ? change : `${change}-replace`;
    }
    if (changes.length > 0 && !field.inPlace) replaces.push(name);
  }
  for (const name of Object.keys(kind.expired?.(revealKnown({ ...state, ...wanted })) ?? {})) {
    detailed[name] = "update-replace";
    replaces.push(name);
  }
  return {
    changed: Object.keys(detailed).length > 0,
    replaces,
    deleteBeforeReplace: false,
    detailed,
  };
}

// Maps are compared entry by entry, so that the user sees which keeper changed.
function compare(
  path: string,
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
): readonly (readonly [string, Change])[] {
  const old = bare(before) ?? undefined;
  const now = bare(after) ?? undefined;
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [[path, "add"]];
  if (now === undefined) return [[path, "delete"]];
  if (isMap(old) && isMap(now)) {
    const names = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...names].flatMap((name) => compare(memberPath(path, name), old[name], now[name]));
  }
  return isSame(old, now) ? [] : [[path, "update"]];
}
