import { isDeepStrictEqual } from "node:util";
import { UNKNOWN } from "../rpc/index.ts";

/** A JSON value in which a preview may not know some parts yet. */
export type Json = null | boolean | number | string | typeof UNKNOWN | readonly Json[] | JsonMap;

/** A JSON object, as every Kubernetes object is one. */
export interface JsonMap {
  readonly [name: string]: Json;
}

/** Whether `value` is a JSON object. */
export function isJsonMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` is a JSON array. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value at `path` below `value`, `undefined` where there is none. */
export function at(
  value: Json | undefined,
  ...path: readonly (string | number)[]
): Json | undefined {
  let here = value;
  for (const step of path) {
    if (typeof step === "number") here = isJsonList(here) ? here[step] : undefined;
    else here = isJsonMap(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  }
  return here;
}

/** The text at `path`, empty where there is none. */
export function text(value: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The number at `path`, `fallback` where there is none. */
export function count(value: Json | undefined, fallback: number, ...path: string[]): number {
  const found = at(value, ...path);
  return typeof found === "number" ? found : fallback;
}

/** The list at `path`, empty where there is none. */
export function list(value: Json | undefined, ...path: string[]): readonly Json[] {
  const found = at(value, ...path);
  return isJsonList(found) ? found : [];
}

/** A copy of `map` with `value` at `path`; `undefined` takes the entry away. */
export function withValue(map: JsonMap, path: readonly string[], value: Json | undefined): JsonMap {
  const [step, ...rest] = path;
  if (step === undefined) return map;
  const below = at(map, step);
  const { [step]: _, ...others } = map;
  if (rest.length > 0) {
    if (value === undefined && !isJsonMap(below)) return map;
    return { ...map, [step]: withValue(isJsonMap(below) ? below : {}, rest, value) };
  }
  return value === undefined ? others : { ...map, [step]: value };
}

/** Deep equality; a value that is not known equals nothing, not even itself. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  return !unknownIn(one) && !unknownIn(other) && isDeepStrictEqual(one, other);
}

/** Whether a value that is not known yet lies anywhere in `value`. */
function unknownIn(value: Json | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (isJsonList(value)) return value.some(unknownIn);
  return isJsonMap(value) && Object.values(value).some(unknownIn);
}
