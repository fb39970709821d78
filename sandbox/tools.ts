import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./environment.ts";
import type { SandboxPaths } from "./paths.ts";

/** Folders of the builds that tools are taken from. */
export interface ToolBuilds {
  readonly pulumi: string;
  readonly languageHost: string;
}

/**
 * Puts into the sandbox's bin folder the tools that are not on `path`. The Pulumi command line looks
 * for its language hosts beside its own file, with links resolved, so both files are put there
 * themselves (as second names of the same data, where the file system can do that).
 */
export function linkTools(paths: SandboxPaths, builds: ToolBuilds, path: string): void {
  rmSync(paths.bin, { recursive: true, force: true });
  mkdirSync(paths.bin, { recursive: true });
  if (!findProgram("kubectl", path)) {
    symlinkSync(join(paths.components, "kubectl"), join(paths.bin, "kubectl"));
  }
  if (findProgram("pulumi", path)) return;
  for (const folder of [builds.pulumi, builds.languageHost]) {
    for (const file of readdirSync(folder)) place(join(folder, file), join(paths.bin, file));
  }
}

function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
