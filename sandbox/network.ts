import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { addresses } from "./addresses.ts";
import { findProgram } from "./environment.ts";
import { policyTableRemoval } from "./policy/render.ts";
import type { Run } from "./run.ts";
import { waitFor } from "./wait.ts";

/** Makes the bridge with the node's own address, if it is not there. */
export async function makeNodeBridge(run: Run): Promise<void> {
  const { nodeBridge, node, nodePrefix, serviceCidr } = addresses;
  if (!existsSync(`/sys/class/net/${nodeBridge}`)) {
    await run("ip", ["link", "add", nodeBridge, "type", "bridge"]);
  }
  await run("ip", ["address", "replace", `${node}/${nodePrefix}`, "dev", nodeBridge]);
  await run("ip", ["link", "set", nodeBridge, "up"]);
  // A service that kube-proxy does not know yet must not be looked for outside of this machine.
  await run("ip", ["route", "replace", serviceCidr, "dev", nodeBridge]);
}

/**
 * Deletes the devices that are plugged into a bridge. The kernel does so when a pod's network is gone;
 * but a connection that was being closed when the pod ended keeps the network for as long as its last
 * bytes are sent again, which can be minutes.
 */
export async function unplugAll(bridge: string, run: Run): Promise<void> {
  await waitFor("the pods' network devices go", 20, async () => {
    const ports = `/sys/class/net/${bridge}/brif`;
    const left = existsSync(ports) ? readdirSync(ports) : [];
    for (const device of left) {
      // The kernel may be faster; whether it is gone is looked at anew.
      await run("ip", ["link", "delete", device]).catch(() => undefined);
    }
    return left.length === 0 ? undefined : `left: ${left.join(", ")}`;
  });
}

/** Deletes both bridges, and what is plugged into the pods' one. */
export async function removeBridges(run: Run): Promise<void> {
  await unplugAll(addresses.podBridge, run);
  for (const bridge of [addresses.podBridge, addresses.nodeBridge]) {
    if (existsSync(`/sys/class/net/${bridge}`)) await run("ip", ["link", "delete", bridge]);
  }
}

/** Kernel settings that a node needs, or that the kubelet and kube-proxy change by themselves. */
const kernelSettings: Readonly<Record<string, string | undefined>> = {
  "net/ipv4/ip_forward": "1",
  "net/bridge/bridge-nf-call-iptables": "1",
  // Pods on one bridge reach each other by frames of these kinds, too: not past their policies.
  "net/bridge/bridge-nf-call-ip6tables": "1",
  "net/bridge/bridge-nf-filter-vlan-tagged": "1",
  "net/ipv4/conf/all/route_localnet": undefined,
  "vm/overcommit_memory": undefined,
  "vm/panic_on_oom": undefined,
  "kernel/panic": undefined,
  "kernel/panic_on_oops": undefined,
  "kernel/keys/root_maxkeys": undefined,
  "kernel/keys/root_maxbytes": undefined,
};

/** Values of kernel settings, by their path below /proc/sys. */
export type KernelSettings = Readonly<Record<string, string>>;

/** The present values of everything that a node changes; what this kernel lacks is left out. */
export function readKernelSettings(): KernelSettings {
  const present = Object.keys(kernelSettings).filter((name) => existsSync(`/proc/sys/${name}`));
  return Object.fromEntries(
    present.map((name) => [name, readFileSync(`/proc/sys/${name}`, "utf8").trim()]),
  );
}

/** Sets what a node needs. Throws where pods could not reach services: no bridge netfilter. */
export async function applyKernelSettings(run: Run): Promise<void> {
  if (!existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables")) {
    await run("modprobe", ["br_netfilter"]);
  }
  for (const [name, value] of Object.entries(kernelSettings)) {
    if (value !== undefined) writeFileSync(`/proc/sys/${name}`, value);
  }
}

/** Puts back what was read before. */
export function restoreKernelSettings(settings: KernelSettings): void {
  for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/${name}`, value);
}

const ownChain = /^(KUBE|CNI)-/;

/**
 * Input for `iptables-restore --noflush` that takes out the chains of Kubernetes and CNI, and the
 * rules elsewhere that lead there, out of the text of `iptables-save`. Empty when there are none.
 */
export function iptablesRemoval(saved: string): string {
  const tables = saved.split(/^(?=\*)/m).filter((part) => part.startsWith("*"));
  return tables.map(tableRemoval).join("");
}

function tableRemoval(text: string): string {
  const lines = text.split("\n");
  const chains = lines
    .flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? [])
    .filter((chain) => ownChain.test(chain));
  if (chains.length === 0) return "";
  const jumps = lines.filter((line) => {
    const [, chain = "", target = ""] = /^-A (\S+) .*(?:-j|-g) (\S+)/.exec(line) ?? [];
    return !ownChain.test(chain) && chains.includes(target);
  });
  return [
    lines[0],
    ...jumps.map((line) => line.replace(/^-A/, "-D")),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
    "COMMIT\n",
  ].join("\n");
}

/** Takes the rules of the network policies away; there are none where nft is not installed. */
export async function removePolicyTable(run: Run): Promise<void> {
  if (!findProgram("nft", process.env.PATH ?? "")) return;
  await run("nft", ["-f", "-"], { input: policyTableRemoval });
}

/** Takes the chains of Kubernetes and CNI out of the packet filter, both IP versions. */
export async function removeChains(run: Run): Promise<void> {
  for (const family of ["iptables", "ip6tables"]) {
    const input = iptablesRemoval(await run(`${family}-save`, []));
    if (input !== "") await run(`${family}-restore`, ["--noflush"], { input });
  }
}
