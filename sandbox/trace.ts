import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KernelSettings, readKernelSettings } from "./network.ts";
import type { SandboxPaths } from "./paths.ts";

/** How the machine was before the sandbox changed anything. */
export interface Trace {
  readonly kernel: KernelSettings;
  /** Files and folders that were not there; what has come up there since is taken away again. */
  readonly absent: readonly string[];
}

/** Where programs of the node write without asking: each of these paths is fixed in one of them. */
const fixedPaths = [
  "/etc/docker",
  "/run/containerd",
  "/run/docker",
  "/run/netns",
  "/run/xtables.lock",
  "/var/lib/cni",
  "/var/lib/containerd",
  "/var/lib/docker",
  "/var/lib/kubelet",
  "/var/log/containers",
  "/var/log/pods",
] as const;

function traceFile(paths: SandboxPaths): string {
  return join(paths.state, "machine.json");
}

/** Writes down how the machine is, once: a second `up` must not take the first one's work for it. */
export function rememberMachine(paths: SandboxPaths): void {
  const file = traceFile(paths);
  if (existsSync(file)) return;
  const trace: Trace = {
    kernel: readKernelSettings(),
    absent: fixedPaths.filter((path) => !existsSync(path)),
  };
  mkdirSync(paths.state, { recursive: true, mode: 0o711 });
  writeFileSync(file, JSON.stringify(trace), { mode: 0o600 });
}

/** What was written down; undefined when there has been no `up`. */
export function readTrace(paths: SandboxPaths): Trace | undefined {
  const file = traceFile(paths);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Trace) : undefined;
}

/** Deletes what has come up at paths that were empty before. */
export function removeLeftovers(trace: Trace): void {
  for (const path of trace.absent) rmSync(path, { recursive: true, force: true });
}
