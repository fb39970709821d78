import { createHash } from "node:crypto";
import { type CheckRequest, UNKNOWN } from "../rpc/index.ts";
import { at, type JsonMap, withValue } from "./json.ts";
import { annotated, annotation, nameOf } from "./objects.ts";

const AUTONAMED = "pulumi.com/autonamed";

/** Eight hexadecimal digits that are the same for the same seed. */
export function suffix(seed: Uint8Array, label: string): string {
  return createHash("sha256").update(seed).update(label).digest("hex").slice(0, 8);
}

/** Whether the stand-in chose the object's name. */
export function isAutonamed(object: JsonMap): boolean {
  return annotation(object, AUTONAMED) === "true";
}

function hasName(object: JsonMap): boolean {
  return nameOf(object) !== "" || at(object, "metadata", "name") === UNKNOWN;
}

/**
 * Gives an object a name where it has none: the old one where that was chosen automatically,
 * otherwise `<name of the resource>-<8 hexadecimal digits>`. Throws for `generateName`, which
 * server-side apply cannot do, and where the user's settings forbid automatic names.
 */
export function named(object: JsonMap, old: JsonMap, request: CheckRequest): JsonMap {
  if (at(object, "metadata", "generateName") !== undefined) {
    throw new Error(
      "the `.metadata.generateName` field is not supported in Server-Side Apply mode",
    );
  }
  if (hasName(object)) return object;
  if (Object.keys(old).length > 0) {
    return isAutonamed(old) ? autonamed(object, nameOf(old)) : object;
  }
  const { autonaming, name, randomSeed } = request;
  if (autonaming?.mode === "disable") {
    throw new Error("autonaming is disabled, resource requires the .metadata.name field to be set");
  }
  const chosen = autonaming?.proposedName || `${name}-${suffix(randomSeed, request.urn)}`;
  return autonamed(object, chosen);
}

function autonamed(object: JsonMap, name: string): JsonMap {
  return annotated(withValue(object, ["metadata", "name"], name), AUTONAMED, "true");
}
