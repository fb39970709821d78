import type { DiffKind, DiffResult } from "../rpc/index.ts";
import {
  bare,
  hasUnknown,
  isMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
} from "../rpc/index.ts";
import { withDefaults } from "./check.ts";
import type { Kind, Values } from "./kind.ts";

type Change = "add" | "delete" | "update";

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
  for (const name of Object.keys(kind.expired?.(plainState({ ...state, ...wanted })) ?? {})) {
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

/** The state in the clear; what is not known is left out. */
export function plainState(state: PropertyMap): Values {
  const known = Object.entries(state).filter(([, value]) => !hasUnknown(value));
  return Object.fromEntries(known.map(([name, value]) => [name, reveal(value)]));
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
    return [...names].flatMap((name) => compare(member(path, name), old[name], now[name]));
  }
  if (hasUnknown(old) || hasUnknown(now)) return [[path, "update"]];
  return JSON.stringify(reveal(old)) === JSON.stringify(reveal(now)) ? [] : [[path, "update"]];
}

function member(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}
