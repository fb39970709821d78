import { dockerSocket } from "./components.ts";
import { connects, startComponent, waitReady } from "./node.ts";
import type { SandboxPaths } from "./paths.ts";

const systemSocket = "/var/run/docker.sock";

/** Whether a docker engine of the machine's own answers. */
export function hasSystemDocker(): Promise<boolean> {
  return connects(systemSocket).then(
    () => true,
    () => false,
  );
}

/** The docker engine that images are built with: the machine's own, else the sandbox's. */
export async function dockerHost(paths: SandboxPaths): Promise<string> {
  return `unix://${(await hasSystemDocker()) ? systemSocket : dockerSocket(paths)}`;
}

/** Starts a docker engine, unless the machine has one that answers. */
export async function startDocker(paths: SandboxPaths): Promise<void> {
  if (await hasSystemDocker()) return;
  await startComponent(paths, "dockerd");
  await waitReady(paths, "dockerd", () => connects(dockerSocket(paths)));
}
