import type { DiffRequest, DiffResult } from "../rpc/index.ts";
import { wishesOf } from "./annotations.ts";
import { job } from "./await/workloads.ts";
import { referenceTo } from "./cluster.ts";
import { compare, prune } from "./differ.ts";
import { immutableFields } from "./immutable.ts";
import { at, type JsonMap, text, withValue } from "./json.ts";
import { isAutonamed } from "./names.ts";
import {
  inNamespace,
  kindOfObject,
  nameOf,
  namespaceOf,
  resourceType,
  withoutServerFields,
} from "./objects.ts";
import type { Session } from "./session.ts";
import { fromState, toJson } from "./state.ts";

/**
 * Compares new inputs with the live object as of the last operation, cut to the shape of the old
 * inputs. Fields that the API server or others added are not looked at.
 */
export async function diffObjects(request: DiffRequest, session: Session): Promise<DiffResult> {
  const { inputs: oldInputs, live } = fromState(request.oldState);
  const shape = withoutServerFields(
    Object.keys(oldInputs).length > 0 ? oldInputs : toJson(request.oldInputs),
  );
  const inputs = withoutServerFields(toJson(request.inputs));
  const namespaced = await session.isNamespaced(kindOfObject(inputs));
  const place = (object: JsonMap): JsonMap =>
    inNamespace(object, namespaced ? namespaceOf(object) || "default" : "");
  const unknownNamespace = typeof at(inputs, "metadata", "namespace") === "symbol";
  const old = place(prune(live, shape));
  const { patch } = resourceType(request.type);
  const mutability = {
    configMaps: session.settings.enableConfigMapMutable,
    secrets: session.settings.enableSecretMutable,
  };
  const detailed = compare({
    old: nameOf(inputs) === "" ? old : withValue(old, ["metadata", "name"], nameOf(live)),
    inputs: unknownNamespace ? inputs : place(inputs),
    oldInputs: place(shape),
    immutable: immutableFields(inputs, mutability, patch),
    ignoreChanges: request.ignoreChanges,
  });
  const replaces = Object.entries(detailed)
    .filter(
      ([path, kind]) => kind.endsWith("-replace") || (kind === "delete" && path === "metadata"),
    )
    .map(([path]) => path);
  if (await isUnreadyJob(inputs, live, request, session)) {
    replaces.push('metadata.annotations["pulumi.com/replaceUnready"]');
  }
  return {
    changed: Object.keys(detailed).length > 0 || replaces.length > 0,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && keepsIdentity(inputs, live),
    detailed,
  };
}

/** Whether old and new object cannot exist side by side: same fixed name, same namespace. */
function keepsIdentity(inputs: JsonMap, live: JsonMap): boolean {
  return (
    nameOf(inputs) !== "" &&
    !isAutonamed(inputs) &&
    nameOf(inputs) === nameOf(live) &&
    namespaceOf(inputs) === namespaceOf(live)
  );
}

async function isUnreadyJob(
  inputs: JsonMap,
  live: JsonMap,
  request: DiffRequest,
  session: Session,
): Promise<boolean> {
  if (!wishesOf(inputs).replaceUnready) return false;
  if (text(inputs, "kind") !== "Job" || !session.reachable) {
    const why = session.reachable ? "not supported for this resource" : "not checked: no cluster";
    session.engine.log("warning", `annotation pulumi.com/replaceUnready is ${why}`, request.urn);
    return false;
  }
  const found = await session.cluster.get(referenceTo(live));
  return found !== undefined && job(found).state !== "ready";
}
