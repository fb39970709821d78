import { existsSync, readFileSync } from "node:fs";
import { askNode } from "./api.ts";
import { groupMembers } from "./cgroups.ts";
import { componentNames } from "./components.ts";
import { hasSystemDocker } from "./docker.ts";
import type { SandboxPaths } from "./paths.ts";
import { askHealth } from "./policy/health.ts";
import { running } from "./processes.ts";
import { messageOf } from "./wait.ts";

/** What there is to say about the sandbox. */
export interface Status {
  /** Process id of each process, undefined where it does not run. */
  readonly processes: readonly { readonly name: string; readonly pid: number | undefined }[];
  /** Why the node is not Ready; undefined when it is. */
  readonly notReady: string | undefined;
  /** Why network policies are not enforced as they are now; undefined when they are. */
  readonly notEnforced: string | undefined;
  /** Version of the node's Kubernetes; empty while the API server does not answer. */
  readonly version: string;
  /** Bytes of memory of all processes and pods together. */
  readonly memory: number;
}

/** Bytes of one process's own memory, out of the text of /proc/<pid>/smaps_rollup. */
export function residentBytes(rollup: string): number {
  return Number(/^Pss:\s*(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
}

function memoryOf(pid: number): number {
  try {
    return residentBytes(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
  } catch {
    // It has ended since it was listed.
    return 0;
  }
}

/** Looks at what runs. */
export async function readStatus(paths: SandboxPaths): Promise<Status> {
  const systemDocker = await hasSystemDocker();
  const processes = componentNames
    .filter((name) => name !== "dockerd" || !systemDocker)
    .map((name) => ({ name, pid: running(paths, name)?.pid }));
  const node = existsSync(paths.kubeconfig)
    ? await askNode(paths).catch((error: unknown) => ({ notReady: messageOf(error), version: "" }))
    : { notReady: "there is no cluster", version: "" };
  const memory = groupMembers().reduce((sum, pid) => sum + memoryOf(pid), 0);
  const notEnforced = running(paths, "network-policy")
    ? await askHealth(paths).then(() => undefined, messageOf)
    : "network-policy is not running";
  return { processes, ...node, notEnforced, memory };
}

/** Whether all of it runs. */
export function isHealthy(status: Status): boolean {
  return (
    status.notReady === undefined &&
    status.notEnforced === undefined &&
    status.processes.every(({ pid }) => pid !== undefined)
  );
}

/** The status as people read it. */
export function formatStatus(status: Status): string {
  const width = Math.max(...status.processes.map(({ name }) => name.length));
  const lines = status.processes.map(
    ({ name, pid }) => `${name.padEnd(width)}  ${pid === undefined ? "not running" : `pid ${pid}`}`,
  );
  const node = status.notReady === undefined ? "Ready" : `not Ready: ${status.notReady}`;
  lines.push(
    `${"node".padEnd(width)}  ${node} ${status.version && `(${status.version})`}`.trimEnd(),
  );
  const policies =
    status.notEnforced === undefined ? "enforced" : `not enforced: ${status.notEnforced}`;
  lines.push(`${"policies".padEnd(width)}  ${policies}`);
  lines.push(`${"memory".padEnd(width)}  ${Math.round(status.memory / 2 ** 20)} MiB`);
  return lines.join("\n");
}
