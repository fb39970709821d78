import type { CheckRequest, CheckResult } from "../rpc/index.ts";
import { UNKNOWN } from "../rpc/index.ts";
import { wishesOf } from "./annotations.ts";
import { at, type JsonMap, text } from "./json.ts";
import { named } from "./names.ts";
import {
  apiVersionOf,
  inNamespace,
  nameOf,
  namespaceOf,
  resourceType,
  withoutServerFields,
} from "./objects.ts";
import type { Session } from "./session.ts";
import { toJson, toProperties } from "./state.ts";

/** Fills in what the program left out: API version, kind, name and namespace. */
export async function checkInputs(request: CheckRequest, session: Session): Promise<CheckResult> {
  const { kind, patch } = resourceType(request.type);
  const given = toJson(request.inputs);
  const object = withoutServerFields({
    ...given,
    apiVersion: text(given, "apiVersion") || apiVersionOf(kind),
    kind: text(given, "kind") || kind.kind,
  });
  const anonymous = nameOf(object) === "" && at(object, "metadata", "name") !== UNKNOWN;
  if (patch && anonymous) {
    throw new Error("patch resources require the `.metadata.name` field to be set");
  }
  const known = await placed(named(object, toJson(request.oldInputs), request), session);
  wishesOf(known);
  return { inputs: toProperties(known, request.inputs), failures: [] };
}

async function placed(object: JsonMap, session: Session): Promise<JsonMap> {
  const unset = namespaceOf(object) === "" && at(object, "metadata", "namespace") !== UNKNOWN;
  const { kind } = resourceType(`kubernetes:${text(object, "apiVersion")}:${text(object, "kind")}`);
  return unset && (await session.isNamespaced(kind))
    ? inNamespace(object, session.namespace)
    : object;
}
