import { existsSync } from "node:fs";
import {
  chmod,
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { bundleProgram } from "../bundle.ts";
import type { SandboxPaths } from "../paths.ts";
import { pluginName, policyPlaces } from "./places.ts";

/** Where Debian has the CNI plugins. */
const systemPlugins = "/usr/lib/cni";

/** Makes `file` by writing beside it, then in one step: containerd may be about to run it. */
async function replace(file: string, make: (fresh: string) => Promise<void>): Promise<void> {
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await make(fresh);
  await rename(fresh, file);
}

async function place(file: string, text: string, mode: number): Promise<void> {
  if (existsSync(file) && (await readFile(file, "utf8")) === text) return;
  await replace(file, async (fresh) => {
    await writeFile(fresh, text);
    await chmod(fresh, mode);
  });
}

/**
 * Keeps a second name of the very program that runs this, or a copy where the disk is another: pods
 * have to start while the packages that it came with are being installed anew.
 */
async function placeNode(file: string, own: string): Promise<void> {
  const [there, here] = await Promise.all([stat(file).catch(() => undefined), stat(own)]);
  if (there?.size === here.size && there.mtimeMs === here.mtimeMs) return;
  await replace(file, (fresh) =>
    link(own, fresh).catch(() => cp(own, fresh, { preserveTimestamps: true })),
  );
}

/**
 * Installs the process and the CNI plugin of the network policies, and beside the plugin links to
 * those of the machine: containerd looks for all of them in one folder.
 */
export async function installPolicy(
  paths: SandboxPaths,
  machinePlugins: string = systemPlugins,
): Promise<void> {
  const { node, program, plugin, plugins } = policyPlaces(paths);
  await mkdir(plugins, { recursive: true });
  await placeNode(node, process.execPath);
  const [main, cni] = await Promise.all([
    bundleProgram(join(__dirname, "main.ts")),
    bundleProgram(join(__dirname, "plugin.ts")),
  ]);
  await place(program, main, 0o644);
  await place(plugin, cni, 0o644);
  await place(join(plugins, pluginName), `#!/bin/sh\nexec '${node}' '${plugin}'\n`, 0o755);
  for (const name of await readdir(machinePlugins)) {
    const target = join(machinePlugins, name);
    const file = join(plugins, name);
    if ((await readlink(file).catch(() => undefined)) === target) continue;
    await replace(file, (fresh) => symlink(target, fresh));
  }
}
