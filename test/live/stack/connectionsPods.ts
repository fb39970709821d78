import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import type { Pod } from "../../policy/evaluator.ts";
import type { Outcome, Target } from "./connectionsAttempts.ts";
import type { Stack } from "./fixture.ts";

/** A running pod, and where it can be tried from and reached. */
export interface LivePod {
  readonly pod: Pod;
  readonly address: string;
  /** File of its network namespace. */
  readonly network: string;
  /** TCP ports that it listens at for others. */
  readonly listening: readonly number[];
}

const networks = join(sandboxPaths().run, "containerd/io.containerd.grpc.v1.cri/netns");

/** Address of each pod's network namespace to its file; one that goes meanwhile is left out. */
async function networksByAddress(stack: Stack): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of readdirSync(networks)) {
    const file = join(networks, name);
    const ip = ["ip", "-4", "-o", "address", "show", "dev", "eth0"];
    const { text } = await stack.run("nsenter", [`--net=${file}`, ...ip]);
    const [, address] = / inet ([0-9.]+)\//.exec(text) ?? [];
    if (address) found.set(address, file);
  }
  return found;
}

async function listeningPorts(stack: Stack, network: string): Promise<number[]> {
  const text = await stack.ask("nsenter", `--net=${network}`, "ss", "-Hltn");
  const locals = text.split("\n").flatMap((line) => line.trim().split(/\s+/)[3] ?? []);
  const ports = locals
    .filter((local) => !/^(127\.|\[::ffff:127\.|\[::1\])/.test(local))
    .map((local) => Number(local.slice(local.lastIndexOf(":") + 1)));
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Those of the pods that run on the cluster's network. */
export async function livePods(stack: Stack, pods: readonly Pod[]): Promise<LivePod[]> {
  const networkOf = await networksByAddress(stack);
  const live: LivePod[] = [];
  for (const pod of pods) {
    const address = pod.status?.podIP;
    if (pod.spec.hostNetwork || pod.status?.phase !== "Running" || !address) continue;
    const network = networkOf.get(address);
    if (!network) throw new Error(`no network namespace has the address ${address}`);
    live.push({ pod, address, network, listening: await listeningPorts(stack, network) });
  }
  return live;
}

/** Tries all targets from within a network namespace, in one process. */
export function tryFrom(network: string, targets: readonly Target[]): Promise<readonly Outcome[]> {
  const program = join(__dirname, "connectionsAttempts.ts");
  const args = [`--net=${network}`, process.execPath, "--require", "tsx/cjs", program];
  return new Promise((resolve, reject) => {
    const child = spawn("nsenter", args, { stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as readonly Outcome[]);
      else reject(new Error(`trying connections from ${network} ended with ${code}`));
    });
    child.stdin.end(JSON.stringify(targets));
  });
}
