import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { addresses } from "./addresses.ts";
import { type KernelSettings, readKernelSettings } from "./network.ts";
import type { SandboxPaths } from "./paths.ts";

/** How the machine was before the sandbox changed anything. */
export interface Trace {
  readonly kernel: KernelSettings;
  /** Folders and files that were not there. */
  readonly absent: readonly string[];
}

/** Outside of its own folder a node writes to these; each path is fixed in some program of it. */
const fixedPaths: Readonly<
  Record<"shims" | "networks" | "devices" | "containerLogs" | "packetFilterLock", string>
> = {
  /** Shims of containerd: sockets, and runc's state. */
  shims: "/run/containerd",
  networks: "/var/lib/cni",
  devices: "/var/lib/kubelet",
  containerLogs: "/var/log/containers",
  packetFilterLock: "/run/xtables.lock",
};

function traceFile(paths: SandboxPaths): string {
  return join(paths.state, "machine.json");
}

/** Writes down how the machine is, once: a second `up` must not take the first one's work for it. */
export function rememberMachine(paths: SandboxPaths): void {
  const file = traceFile(paths);
  if (existsSync(file)) return;
  const trace: Trace = {
    kernel: readKernelSettings(),
    absent: Object.values(fixedPaths).filter((path) => !existsSync(path)),
  };
  mkdirSync(paths.state, { recursive: true, mode: 0o711 });
  writeFileSync(file, JSON.stringify(trace), { mode: 0o600 });
}

/** What was written down; undefined when there has been no `up`. */
export function readTrace(paths: SandboxPaths): Trace | undefined {
  const file = traceFile(paths);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Trace) : undefined;
}

function entries(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * Ids of the containers that the CNI plugins remember for the pods' network. Of one that died while
 * containerd was away nothing else is left than this: no task, and nobody who takes it away.
 */
function rememberedContainers(results: string): readonly string[] {
  const ours = new RegExp(`^${addresses.podNetwork}-([0-9a-f]+)-`);
  return entries(results).flatMap((name) => ours.exec(name)?.[1] ?? []);
}

/**
 * Deletes what the sandbox's containers left at paths that containerd of the machine's own, if there
 * is one, uses as well: found by the containers' ids, so that nobody else's is touched. The
 * containers must have ended, and containerd's state must still be there.
 *
 * @param roots where shims and CNI plugins write
 */
export function removeContainerTraces(
  paths: SandboxPaths,
  roots: Pick<typeof fixedPaths, "shims" | "networks"> = fixedPaths,
): void {
  const tasks = join(paths.run, "containerd", "io.containerd.runtime.v2.task");
  const results = join(roots.networks, "results");
  const ids = new Set(rememberedContainers(results));
  for (const namespace of entries(tasks)) {
    for (const id of entries(join(tasks, namespace))) {
      ids.add(id);
      rmSync(join(roots.shims, "runc", namespace, id), { recursive: true, force: true });
      const address = join(tasks, namespace, id, "address");
      if (existsSync(address))
        rmSync(readFileSync(address, "utf8").replace("unix://", ""), { force: true });
    }
  }
  // Each has an entry for the loopback device too, which bears no name of ours.
  const known = (name: string): boolean => name.split("-").some((part) => ids.has(part));
  for (const file of entries(results).filter(known)) rmSync(join(results, file));
}

/** Whether the link leads into the sandbox's own logs. */
function isOwnLog(paths: SandboxPaths, link: string): boolean {
  return lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${paths.logs}/`);
}

/** Deletes a folder and those below it that hold nothing; says whether it is gone. */
export function pruneEmpty(folder: string): boolean {
  const children = readdirSync(folder, { withFileTypes: true });
  const gone = children.map((child) => child.isDirectory() && pruneEmpty(join(folder, child.name)));
  if (gone.includes(false)) return false;
  rmdirSync(folder);
  return true;
}

/**
 * Deletes what the node itself left outside of its folder: known files, and then the folders that
 * were not there before `up` and are empty. What somebody else has put there since stays.
 */
export function removeNodeTraces(paths: SandboxPaths, trace: Trace): void {
  const { containerLogs, devices, packetFilterLock } = fixedPaths;
  for (const name of entries(containerLogs)) {
    const link = join(containerLogs, name);
    if (isOwnLog(paths, link)) rmSync(link);
  }
  if (trace.absent.includes(devices)) {
    rmSync(join(devices, "device-plugins", "kubelet.sock"), { force: true });
  }
  if (trace.absent.includes(packetFilterLock)) rmSync(packetFilterLock, { force: true });
  for (const path of trace.absent) if (existsSync(path)) pruneEmpty(path);
}
