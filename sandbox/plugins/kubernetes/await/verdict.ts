import { at, isJsonMap, type JsonMap, list, text } from "../json.ts";

/** How far an object has come. */
export type Verdict =
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly message: string }
  | { readonly state: "failed"; readonly message: string };

/** What awaiting code may ask of the cluster beside the object itself. */
export interface Surroundings {
  /** Objects of a kind in the object's namespace; `selector` is a query string. */
  list(apiVersion: string, kind: string, selector: string): Promise<readonly JsonMap[]>;
  /** One object that lies in no namespace, `undefined` where it is not there. */
  find(apiVersion: string, kind: string, name: string): Promise<JsonMap | undefined>;
}

/** Judges an object of one kind. */
export type Judge = (object: JsonMap, around: Surroundings) => Verdict | Promise<Verdict>;

/** Nothing is left to wait for. */
export const READY: Verdict = { state: "ready" };

/** Not there yet; `message` says what is missing. */
export function waiting(message: string): Verdict {
  return { state: "waiting", message };
}

/** It will not come of itself; `message` says why. */
export function failed(message: string): Verdict {
  return { state: "failed", message };
}

/** The condition of a type in `status.conditions`, empty where there is none. */
export function condition(object: JsonMap, type: string): JsonMap {
  const found = list(object, "status", "conditions").find((one) => text(one, "type") === type);
  return isJsonMap(found) ? found : {};
}

/** Whether a condition is true. */
export function holds(object: JsonMap, type: string): boolean {
  return text(condition(object, type), "status") === "True";
}

/** Whether the controller has seen the object as it is now. */
export function observed(object: JsonMap): boolean {
  const generation = at(object, "metadata", "generation");
  const seen = at(object, "status", "observedGeneration");
  return typeof generation !== "number" || (typeof seen === "number" && seen >= generation);
}
