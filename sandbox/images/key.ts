import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/** Hash over a list of texts and files: 16 hexadecimal digits. */
export function contentKey(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  // Lengths first, so that no two different lists read the same.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Hash over all files below a folder and over `inputs`. Paths, contents, targets of links and the
 * executable bit count; times and owners do not.
 */
export function folderKey(folder: string, inputs: readonly string[]): string {
  const files = filesBelow(folder).flatMap((path) => {
    const absolute = join(folder, path);
    const stat = lstatSync(absolute);
    if (stat.isSymbolicLink()) return ["link", path, readlinkSync(absolute)];
    return [stat.mode & 0o100 ? "program" : "file", path, readFileSync(absolute)];
  });
  return contentKey([...files, "inputs", ...inputs]);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
