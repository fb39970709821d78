import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** SHA-256, in hex, of named texts; the order of the names does not matter. */
export function checksum(texts: Readonly<Record<string, pulumi.Input<string>>>) {
  return pulumi.output({ ...texts }).apply(digest);
}

/** Annotations of a pod template: whatever a checksum is of, another one rolls the pods. */
export function checksumAnnotations(
  checksums: Readonly<Record<string, pulumi.Input<string>>>,
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(checksums).map(([of, sum]) => [`checksum.web-greetings/${of}`, sum]),
  );
}

function digest(texts: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}
