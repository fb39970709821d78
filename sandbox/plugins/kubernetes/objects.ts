import { isJsonMap, type Json, type JsonMap, text, withValue } from "./json.ts";

/** Group, version and kind of an object; the core group is empty. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(kind: Kind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** Splits `apps/v1`; `core/v1` and `v1` are the core group. */
export function kindOf(apiVersion: string, kind: string): Kind {
  const slash = apiVersion.lastIndexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  return {
    group: group === "core" ? "" : group,
    version: apiVersion.slice(slash + 1),
    kind,
  };
}

/** What a resource's type token says of it. */
export interface ResourceType {
  readonly kind: Kind;
  /** A `...Patch` type: it owns some fields of an object that others made. */
  readonly patch: boolean;
}

const UNSUPPORTED: readonly string[] = ["helm.sh", "yaml", "kustomize"];

/**
 * Reads a type token as `kubernetes:apps/v1:StatefulSet`.
 * Throws where it names charts, overlays or lists, which are made of several objects.
 */
export function resourceType(token: string): ResourceType {
  const [, apiVersion = "", name = ""] = token.split(":");
  const group = apiVersion.split("/")[0] ?? "";
  if (UNSUPPORTED.includes(group)) {
    throw new Error(
      `resource type ${token} is not supported by the stand-in; declare its objects one by one`,
    );
  }
  const patch = name.endsWith("Patch") && name !== "Patch";
  const kind = kindOf(apiVersion, patch ? name.slice(0, -"Patch".length) : name);
  // Custom resources may be called so and be single objects.
  const builtIn = !group.includes(".") || group.endsWith(".k8s.io");
  if (name.endsWith("List") && builtIn) {
    throw new Error(
      "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be " +
        "created directly. Use the underlying resource type instead",
    );
  }
  return { kind, patch };
}

/** The kind that an object says it is of. */
export function kindOfObject(object: JsonMap): Kind {
  return kindOf(text(object, "apiVersion"), text(object, "kind"));
}

/** `metadata.name`, empty where it has none. */
export function nameOf(object: Json): string {
  return text(object, "metadata", "name");
}

/** `metadata.namespace`, empty where it has none. */
export function namespaceOf(object: Json): string {
  return text(object, "metadata", "namespace");
}

/** The id of an object in Pulumi's state: `namespace/name`, or `name` alone. */
export function idOf(object: Json): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

/** Splits an id into namespace (may be empty) and name. */
export function parseId(id: string): { readonly namespace: string; readonly name: string } {
  const slash = id.indexOf("/");
  if (slash < 0) return { namespace: "", name: id };
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** The annotation `name`, empty where it is not set. */
export function annotation(object: JsonMap, name: string): string {
  return text(object, "metadata", "annotations", name);
}

/** A copy with the annotation `name` set. */
export function annotated(object: JsonMap, name: string, value: string): JsonMap {
  return withValue(object, ["metadata", "annotations", name], value);
}

/** A copy in `namespace`; empty takes the namespace away. */
export function inNamespace(object: JsonMap, namespace: string): JsonMap {
  return withValue(object, ["metadata", "namespace"], namespace === "" ? undefined : namespace);
}

const SERVER_OWNED = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
] as const;

/** A copy without the metadata that only the API server may write. */
export function withoutServerFields(object: JsonMap): JsonMap {
  if (!isJsonMap(object.metadata)) return object;
  return SERVER_OWNED.reduce<JsonMap>(
    (rest, field) => withValue(rest, ["metadata", field], undefined),
    object,
  );
}
