import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findProgram } from "./environment.ts";
import type { SandboxPaths } from "./paths.ts";

/** Folders of the builds that tools are taken from. */
export interface ToolBuilds {
  readonly kubernetes: string;
  readonly pulumi: string;
  readonly languageHost: string;
}

/**
 * Puts into the sandbox's bin folder the tools that are not on `path`, and takes away those that
 * are. The Pulumi command line looks for its language hosts beside its own file, with links
 * resolved, so files are put there themselves: second names of the same data where that can be.
 */
export function linkTools(paths: SandboxPaths, builds: ToolBuilds, path: string): void {
  // What the sandbox has put on PATH itself is not the machine's own.
  const folders = path.split(delimiter).filter((folder) => !folder.startsWith(`${paths.cache}/`));
  const lacks = (name: string): boolean => !findProgram(name, folders.join(delimiter));
  const wanted = new Map<string, string>();
  if (lacks("kubectl")) wanted.set("kubectl", join(builds.kubernetes, "kubernetes"));
  if (lacks("pulumi")) {
    for (const folder of [builds.pulumi, builds.languageHost]) {
      for (const file of readdirSync(folder)) wanted.set(file, join(folder, file));
    }
  }
  mkdirSync(paths.bin, { recursive: true });
  for (const [name, from] of wanted) place(from, join(paths.bin, name));
  for (const name of readdirSync(paths.bin)) {
    if (!wanted.has(name)) rmSync(join(paths.bin, name));
  }
}

/** Replaces `to` in one step: somebody may be about to run it. */
function place(from: string, to: string): void {
  const fresh = `${to}.new`;
  rmSync(fresh, { force: true });
  try {
    linkSync(from, fresh);
  } catch {
    // Another file system, or one without second names.
    copyFileSync(from, fresh);
  }
  // Between two names of one file renaming does nothing; the fresh one is swept up with the rest.
  renameSync(fresh, to);
}
