import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { dockerSocket } from "./components.ts";
import type { SandboxPaths } from "./paths.ts";

/**
 * The variables that commands against the sandbox need. What is already on `path` comes before what
 * the sandbox built: kubectl, pulumi and docker of the machine's own win.
 *
 * @param path the PATH to add to
 */
export function sandboxEnvironment(
  paths: SandboxPaths,
  path: string,
): Readonly<Record<string, string>> {
  const socket = dockerSocket(paths);
  return {
    PATH: [path, paths.bin].join(delimiter),
    KUBECONFIG: paths.kubeconfig,
    PULUMI_HOME: paths.pulumi,
    // Without an engine of the sandbox's own, docker finds the machine's by itself.
    ...(existsSync(socket) ? { DOCKER_HOST: `unix://${socket}` } : {}),
  };
}

/** The first program of that name on a PATH; undefined when there is none. */
export function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}
