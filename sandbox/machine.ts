import { existsSync, readFileSync, statfsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { addresses } from "./addresses.ts";
import { controlling, hierarchies } from "./cgroups.ts";
import { type ComponentName, healthPorts, peerPorts } from "./components.ts";
import { diagnose, diagnosePlatform, type Finding, type MachineFacts } from "./doctor.ts";
import { findProgram } from "./environment.ts";
import { lackingPackages } from "./packages.ts";
import type { SandboxPaths } from "./paths.ts";
import { running } from "./processes.ts";
import type { Run } from "./run.ts";

/** Capabilities by their bit in the kernel's masks; see capabilities(7). */
const neededCapabilities = { CAP_NET_ADMIN: 12, CAP_SYS_CHROOT: 18, CAP_SYS_ADMIN: 21 };

/** The needed capabilities that are not in the text of /proc/self/status. */
export function missingCapabilities(status: string): readonly string[] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return Object.entries(neededCapabilities)
    .filter(([, bit]) => ((mask >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name);
}

/** Ports in state LISTEN in the text of /proc/net/tcp or tcp6. */
export function listeningPorts(table: string): readonly number[] {
  const listen = "0A";
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listen)
    .map((fields) => Number.parseInt(fields[1]?.split(":")[1] ?? "", 16));
}

/** Ports that are listened on at loopback or everywhere, and by whom. */
const ports: readonly (readonly [number, ComponentName])[] = [
  [Number(addresses.registry.split(":")[1]), "registry"],
  [healthPorts.etcd, "etcd"],
  [peerPorts.etcd, "etcd"],
  [addresses.apiPort, "kube-apiserver"],
  [healthPorts["kube-controller-manager"], "kube-controller-manager"],
  [healthPorts["kube-scheduler"], "kube-scheduler"],
  [peerPorts.kubelet, "kubelet"],
];

function takenPorts(paths: SandboxPaths): readonly number[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((file) => existsSync(file));
  const listening = new Set(tables.flatMap((file) => listeningPorts(readFileSync(file, "utf8"))));
  return ports
    .filter(([port, owner]) => listening.has(port) && !running(paths, owner))
    .map(([port]) => port);
}

/** Whether an IPv4 address is in one of the sandbox's networks: 10.200 to 10.202. */
export function inOurRange(address: string): boolean {
  return /^10\.20[0-2]\./.test(address);
}

function overlappingDevices(): readonly string[] {
  const ours: readonly string[] = [addresses.nodeBridge, addresses.podBridge];
  return Object.entries(networkInterfaces()).flatMap(([device, found = []]) =>
    !ours.includes(device) && found.some(({ address }) => inOurRange(address)) ? [device] : [],
  );
}

function controllers(): readonly string[] {
  return controlling(hierarchies()).flatMap(({ path, version }) => {
    if (version === 1) return path.split("/").at(-1)?.split(",") ?? [];
    return readFileSync(join(path, "cgroup.controllers"), "utf8").trim().split(" ");
  });
}

/** The folder itself, or the nearest above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}

async function inspectMachine(paths: SandboxPaths, run: Run): Promise<MachineFacts> {
  const path = process.env.PATH ?? "";
  const { bavail, bsize } = statfsSync(existing(paths.cache));
  const go = await run("go", ["env", "GOVERSION"]).catch(() => undefined);
  const memory = readFileSync("/proc/meminfo", "utf8");
  return {
    userId: process.geteuid?.() ?? -1,
    missingCapabilities: missingCapabilities(readFileSync("/proc/self/status", "utf8")),
    goVersion: go?.trim(),
    freeDisk: bavail * bsize,
    freeMemory: Number(/^MemAvailable:\s*(\d+) kB$/m.exec(memory)?.[1]) * 1024,
    fileSystems: readFileSync("/proc/filesystems", "utf8").split(/\s+/),
    controllers: controllers(),
    bridgeFilter:
      existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables") ||
      findProgram("modprobe", path) !== undefined,
    lackingPackages: await lackingPackages(run),
    canInstall: findProgram("apt-get", path) !== undefined,
    takenPorts: takenPorts(paths),
    overlappingDevices: overlappingDevices(),
  };
}

/** Looks at this machine for what would keep the sandbox from running. */
export async function examineMachine(paths: SandboxPaths, run: Run): Promise<readonly Finding[]> {
  const platform = diagnosePlatform(process.platform, process.arch);
  return platform.length > 0 ? platform : diagnose(await inspectMachine(paths, run));
}
