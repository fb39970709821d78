import assert from "node:assert/strict";
import { readNode } from "../../sandbox/api.ts";
import { formatStatus, isHealthy, residentBytes, type Status } from "../../sandbox/status.ts";

const good: Status = {
  processes: [
    { name: "etcd", pid: 12 },
    { name: "kubelet", pid: 13 },
  ],
  notReady: undefined,
  notEnforced: undefined,
  version: "v1.34.1",
  memory: 3 * 2 ** 20,
};

describe("status", () => {
  it("is healthy when all processes run, the node is Ready and policies are enforced", () => {
    assert.equal(isHealthy(good), true);
    assert.equal(isHealthy({ ...good, notReady: "no network" }), false);
    assert.equal(isHealthy({ ...good, notEnforced: "nft failed" }), false);
    assert.equal(isHealthy({ ...good, processes: [{ name: "etcd", pid: undefined }] }), false);
  });

  it("names every process, the node, the policies and the memory", () => {
    assert.equal(
      formatStatus(good),
      "etcd     pid 12\nkubelet  pid 13\nnode     Ready (v1.34.1)\npolicies  enforced\nmemory   3 MiB",
    );
    const bad = {
      ...good,
      processes: [{ name: "etcd", pid: undefined }],
      notReady: "x",
      notEnforced: "y",
      version: "",
    };
    assert.equal(
      formatStatus(bad),
      "etcd  not running\nnode  not Ready: x\npolicies  not enforced: y\nmemory  3 MiB",
    );
  });

  it("counts shared memory by its share", () => {
    assert.equal(residentBytes("Rss:  100 kB\nPss:     40 kB\n"), 40 * 1024);
    assert.equal(residentBytes(""), 0);
  });

  it("reads why a node is not Ready", () => {
    const node = (status: string) =>
      JSON.stringify({
        status: {
          conditions: [{ type: "Ready", status, message: "no network" }],
          nodeInfo: { kubeletVersion: "v1" },
        },
      });
    assert.deepEqual(readNode(node("True")), { notReady: undefined, version: "v1" });
    assert.deepEqual(readNode(node("Unknown")), { notReady: "no network", version: "v1" });
    const silent = '{"status":{"conditions":[],"nodeInfo":{"kubeletVersion":"v1"}}}';
    assert.equal(readNode(silent).notReady, "it has not reported yet");
  });
});
