import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ToolchainName } from "../../sandbox/context.ts";

/** What the go.mod of a module under sandbox/toolchain requires: versions by paths. */
export function requiredVersions(name: ToolchainName): ReadonlyMap<string, string> {
  const file = join(__dirname, "../../sandbox/toolchain", name, "go.mod");
  const blocks = readFileSync(file, "utf8").matchAll(/^require \(\n(.*?)^\)$/gms);
  return new Map(
    [...blocks]
      .flatMap(([, lines = ""]) => lines.split("\n"))
      .flatMap((line) => {
        const [, path, version] = /^\t(\S+) (v\S+)/.exec(line) ?? [];
        return path && version ? [[path, version]] : [];
      }),
  );
}
