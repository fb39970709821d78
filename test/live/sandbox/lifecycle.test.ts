import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addresses } from "../../../sandbox/addresses.ts";
import { groupMembers, hierarchies, rootGroup } from "../../../sandbox/cgroups.ts";
import { type ComponentName, componentNames } from "../../../sandbox/components.ts";
import { sandboxDown } from "../../../sandbox/down.ts";
import { readKernelSettings } from "../../../sandbox/network.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import { policyTable } from "../../../sandbox/policy/render.ts";
import { running } from "../../../sandbox/processes.ts";
import { createRun } from "../../../sandbox/run.ts";
import { isHealthy, readStatus } from "../../../sandbox/status.ts";
import { readTrace } from "../../../sandbox/trace.ts";
import { sandboxUp } from "../../../sandbox/up.ts";
import { waitFor } from "../../../sandbox/wait.ts";

const paths = sandboxPaths();
const run = createRun({ KUBECONFIG: paths.kubeconfig });
const kubectl = (...args: string[]) => run(join(paths.components, "kubectl"), args);

/** Process ids of the sandbox by name. */
function pids(): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(componentNames.map((name) => [name, running(paths, name)?.pid]));
}

/** Seconds that some work takes. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Rules and chains without what changes by itself: comments with the time, counters. */
async function packetFilter(family: string): Promise<readonly string[]> {
  const saved = await run(`${family}-save`, []);
  const lines = saved.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.replace(/\[\d+:\d+\]/, ""));
}

/** Folders that programs of a node make, each at its fixed path. */
const nodeFolders = ["/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"];

/** Everything of the machine that a cluster changes. */
async function snapshot() {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return {
    mounts: mounts.filter((line) => line.includes(paths.cache)),
    devices: readdirSync("/sys/class/net").sort(),
    packetFilter: [...(await packetFilter("iptables")), ...(await packetFilter("ip6tables"))],
    tables: (await run("nft", ["list", "tables"])).trim().split("\n").sort(),
    namespaces: (await run("ip", ["netns", "list"])).trim(),
    groups: hierarchies().filter(({ path }) => existsSync(join(path, rootGroup))),
    kernel: readKernelSettings(),
    // Tools out of its bin folder are run by people, not by the sandbox.
    processes: (await run("ps", ["-eo", "args"]))
      .split("\n")
      .filter((line) => line.includes(paths.state) && !line.includes(paths.bin)),
    folders: nodeFolders.filter(existsSync),
    sockets: existsSync("/run/containerd/s") ? readdirSync("/run/containerd/s").sort() : [],
    state: existsSync(paths.state),
  };
}

describe("lifecycle of the sandbox", function () {
  this.timeout(600_000);

  before(async function () {
    // To end and begin anew is tested on the cluster that the other tests use: only where it is.
    if (!isHealthy(await readStatus(paths))) this.skip();
  });

  it("starts nothing anew when all of it runs", async () => {
    const before = pids();
    assert.ok((await seconds(() => sandboxUp(paths))) < 30);
    assert.deepEqual(pids(), before);
  });

  it("comes back with its data after its parts were killed", async () => {
    await kubectl("create", "configmap", "lifecycle", "--from-literal=kept=yes");
    const killed: readonly ComponentName[] = ["etcd", "kube-apiserver", "kubelet", "containerd"];
    const before = pids();
    for (const name of killed) {
      const pid = before[name];
      assert.ok(pid, name);
      process.kill(pid, "SIGKILL");
    }
    await waitFor("they are gone", 5, async () =>
      killed.some((name) => running(paths, name)) ? "one runs" : undefined,
    );
    assert.equal(isHealthy(await readStatus(paths)), false);
    await sandboxUp(paths);
    assert.equal(isHealthy(await readStatus(paths)), true);
    const after = pids();
    assert.deepEqual(
      componentNames.filter((name) => after[name] !== before[name]).sort(),
      [...killed].sort(),
    );
    const kept = ["get", "configmap", "lifecycle", "-o", "jsonpath={.data.kept}"];
    assert.equal(await kubectl(...kept), "yes");
    await kubectl("delete", "configmap", "lifecycle");
  });

  it("lets two ups at once end well, on one cluster", async () => {
    const before = pids();
    await Promise.all([sandboxUp(paths), sandboxUp(paths)]);
    assert.deepEqual(pids(), before);
  });

  it("leaves the machine as it was, and begins anew from there", async () => {
    // As the CNI plugins leave it of a container that died while containerd was away.
    for (const [network, device] of [
      [addresses.podNetwork, "eth0"],
      ["cni-loopback", "lo"],
    ]) {
      writeFileSync(`/var/lib/cni/results/${network}-${"0".repeat(64)}-${device}`, "{}");
    }
    const absent = readTrace(paths)?.absent;
    assert.ok(absent);
    await sandboxDown(paths);
    const first = await snapshot();
    const { mounts, groups, processes, folders, state } = first;
    assert.deepEqual(
      { mounts, groups, processes, folders, state },
      {
        mounts: [],
        groups: [],
        processes: [],
        // A machine that has run containers of its own had some of them before, and keeps them.
        folders: nodeFolders.filter((folder) => !absent.includes(folder)),
        state: false,
      },
    );
    assert.deepEqual(
      first.devices.filter((name) => /^(wg|veth)/.test(name)),
      [],
    );
    assert.deepEqual(
      first.packetFilter.filter((line) => /(KUBE|CNI)-/.test(line)),
      [],
    );
    assert.equal(first.tables.includes(`table ${policyTable}`), false);
    await sandboxUp(paths);
    assert.ok(groupMembers().length > componentNames.length);
    await sandboxDown(paths);
    assert.deepEqual(await snapshot(), first);
    await sandboxDown(paths);
    await sandboxUp(paths);
    assert.equal(isHealthy(await readStatus(paths)), true);
  });
});
