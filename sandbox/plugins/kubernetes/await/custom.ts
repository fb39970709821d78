import { at, isJsonList, type Json, type JsonMap, text } from "../json.ts";
import { condition, type Judge, READY, waiting } from "./verdict.ts";

/**
 * Makes the judge for one condition as the annotation `pulumi.com/waitFor` has it:
 * `condition=Type`, `condition=Type=Status`, `jsonpath={.path}` or `jsonpath={.path}=value`.
 * Throws where it is neither.
 */
export function customJudge(expression: string): Judge {
  const [, type = "", status = "True"] = /^condition=([^=]+)(?:=(.+))?$/.exec(expression) ?? [];
  if (type !== "") {
    return (object) => {
      const is = text(condition(object, type), "status");
      return is.toLowerCase() === status.toLowerCase()
        ? READY
        : waiting(`waiting for ${expression}, it is ${is || "not set"}`);
    };
  }
  const [, path, wanted] = /^jsonpath=\{?(\.[^}=]+)\}?(?:=(.*))?$/.exec(expression) ?? [];
  if (path === undefined) {
    throw new Error(
      `annotation pulumi.com/waitFor has ${JSON.stringify(expression)}; allowed: ` +
        "condition=Type, condition=Type=Status, jsonpath={.path}, jsonpath={.path}=value",
    );
  }
  return (object) => {
    const found = lookUp(object, path);
    const met = wanted === undefined ? found !== undefined : String(found ?? "") === wanted;
    return met ? READY : waiting(`waiting for ${expression}`);
  };
}

function lookUp(object: JsonMap, path: string): Json | undefined {
  const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/g);
  return [...steps].reduce<Json | undefined>((here, [, name, index, quoted]) => {
    if (index !== undefined) return isJsonList(here) ? here[Number(index)] : undefined;
    return at(here, quoted ?? name ?? "");
  }, object);
}

/** Joins judges: all must find the object ready, the first that does not is heard. */
export function every(judges: readonly Judge[]): Judge {
  return async (object, around) => {
    for (const judge of judges) {
      const verdict = await judge(object, around);
      if (verdict.state !== "ready") return verdict;
    }
    return READY;
  };
}
