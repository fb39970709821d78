import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bundleProgram } from "../bundle.ts";

/** The packages whose plugins have a stand-in here. */
export const PLUGINS = ["kubernetes", "random", "tls", "docker", "aws"] as const;

/** Main files to bundle in the place of a stand-in's own, by the plugin's name. */
export type Mains = Readonly<Partial<Record<(typeof PLUGINS)[number], string>>>;

/** One plugin as it lies in PULUMI_HOME. */
export interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
  /** The executable that the engine starts. */
  readonly executable: string;
  /** False where the same content had been installed before. */
  readonly built: boolean;
}

const ROOT = __dirname;
const BUNDLE = "plugin.cjs";
const KEY = "stand-in";

/**
 * Bundles every stand-in into one file and installs it into the plugin cache below `pulumiHome`,
 * laid out as the engine's own downloads are. A plugin that is there with the same content is left
 * alone, and so is one that is no stand-in. Throws where a bundle cannot be built or written.
 */
export async function installPlugins(
  pulumiHome: string,
  mains: Mains = {},
): Promise<readonly InstalledPlugin[]> {
  const cache = join(pulumiHome, "plugins");
  return Promise.all(
    PLUGINS.map((name) => install(name, mains[name] ?? join(ROOT, name, "main.ts"), cache)),
  );
}

async function install(name: string, main: string, cache: string): Promise<InstalledPlugin> {
  const version = await versionOf(name);
  const folder = join(cache, `resource-${name}-v${version}`);
  const executable = join(folder, `pulumi-resource-${name}`);
  const bundle = await bundleProgram(main);
  const launcher = launch(process.execPath);
  const key = createHash("sha256").update(bundle).update(launcher).digest("hex");
  const installed = await readFile(join(folder, KEY), "utf8").catch(() => undefined);
  const foreign = installed === undefined && existsSync(executable);
  if (foreign || (installed === key && existsSync(executable))) {
    return { name, version, executable, built: false };
  }
  const fresh = join(cache, `.stand-in-${name}-${process.pid}`);
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, BUNDLE), bundle);
  await writeFile(join(fresh, KEY), key);
  await writeFile(join(fresh, `pulumi-resource-${name}`), launcher);
  await chmod(join(fresh, `pulumi-resource-${name}`), 0o755);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  // With this file the engine takes the plugin for a download that broke off.
  await rm(`${folder}.partial`, { force: true });
  return { name, version, executable, built: true };
}

/** The version of the SDK package, which is the plugin version that the engine asks for. */
async function versionOf(name: string): Promise<string> {
  const path = createRequire(__filename).resolve(`@pulumi/${name}/package.json`);
  const { version } = JSON.parse(await readFile(path, "utf8")) as { readonly version: string };
  return version;
}

// The node that installs is the one that runs: the engine's PATH may lead to an older one.
function launch(node: string): string {
  return `#!/bin/sh\nexec '${node}' "$(dirname "$0")/${BUNDLE}" "$@"\n`;
}
