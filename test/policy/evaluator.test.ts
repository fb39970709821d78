import assert from "node:assert/strict";
import { all, cases, fromFrontend, NODE, ofDb } from "./cases.ts";
import { allows, type Cluster, type NetworkPolicy, type Peer, type Pod } from "./evaluator.ts";

function podOf(name: string, podIP: string, labels: Record<string, string> = {}): Pod {
  return {
    metadata: { name, namespace: "default", labels },
    spec: { containers: [{ ports: [{ name: "redis", containerPort: 6379 }] }] },
    status: { phase: "Running", podIP },
  };
}

const db = podOf("db", "10.1.0.1", { role: "db" });
const frontend = podOf("frontend", "10.1.0.2", { role: "frontend" });
const other = podOf("other", "172.17.1.9");
const alice: Pod = {
  ...podOf("alice", "10.1.0.4", { role: "client" }),
  metadata: { name: "alice", namespace: "people", labels: { role: "client" } },
};
const bob: Pod = {
  ...alice,
  metadata: { name: "bob", namespace: "people" },
  status: { phase: "Running", podIP: "10.1.0.5" },
};
const host: Pod = {
  ...podOf("host", NODE, { role: "frontend" }),
  spec: { hostNetwork: true, containers: [] },
};

const pods = { db, frontend, other, alice, bob, host };
type Name = keyof typeof pods | string;

function peerOf(name: Name): Peer {
  const pod = Object.entries(pods).find(([each]) => each === name)?.[1];
  return pod ? { pod } : { address: name };
}

function clusterOf(...specs: readonly NetworkPolicy["spec"][]): Cluster {
  return {
    namespaces: [
      { metadata: { name: "default", labels: { "kubernetes.io/metadata.name": "default" } } },
      { metadata: { name: "people", labels: { user: "alice" } } },
    ],
    pods: Object.values(pods),
    policies: specs.map((spec, n) => ({
      metadata: { name: `policy-${n}`, namespace: "default" },
      spec,
    })),
    nodes: [NODE],
  };
}

/** `client > server[:port][/protocol]`, port 6379 and TCP where nothing is said. */
function isAllowed(cluster: Cluster, text: string): boolean {
  const [, from = "", to = "", port = "6379", protocol = "TCP"] =
    /^(\S+) > ([^:/\s]+)(?::(\d+))?(?:\/(\w+))?$/.exec(text) ?? [];
  assert.ok(protocol === "TCP" || protocol === "UDP" || protocol === "SCTP", text);
  return allows(cluster, { from: peerOf(from), to: peerOf(to), port: Number(port), protocol });
}

describe("evaluator of network policies", () => {
  for (const { title, policies, allowed, refused = [] } of cases) {
    it(title, () => {
      const cluster = clusterOf(...policies);
      for (const text of allowed) assert.equal(isAllowed(cluster, text), true, text);
      for (const text of refused) assert.equal(isAllowed(cluster, text), false, text);
    });
  }

  it("takes pods that have ended for no pods", () => {
    const ended: Pod = { ...frontend, status: { phase: "Succeeded", podIP: "10.1.0.2" } };
    const cluster = clusterOf({
      ...all,
      policyTypes: ["Egress"],
      egress: [{ to: [fromFrontend] }],
    });
    const withEnded = { ...cluster, pods: [db, ended] };
    const tcp = { protocol: "TCP", port: 80 } as const;
    assert.equal(allows(withEnded, { ...tcp, from: { pod: db }, to: { pod: ended } }), false);
    assert.equal(allows(withEnded, { ...tcp, from: { pod: ended }, to: { pod: other } }), true);
    assert.equal(
      allows(withEnded, { ...tcp, from: { pod: db }, to: { address: "10.1.0.2" } }),
      false,
    );
  });

  it("knows a pod on the host's network by its address alone", () => {
    const cluster = clusterOf({ ...ofDb, ingress: [{ from: [fromFrontend] }] });
    assert.equal(isAllowed(cluster, "host > db"), true);
    assert.equal(isAllowed({ ...cluster, nodes: [] }, "host > db"), false);
  });

  it("knows the ports of sidecars, and of no other init container", () => {
    const named = [{ name: "proxy", containerPort: 15001 }];
    const policy = { ...ofDb, ingress: [{ ports: [{ port: "proxy" }] }] };
    const reaches = (restartPolicy?: string) => {
      const init = { ports: named, ...(restartPolicy ? { restartPolicy } : {}) };
      const pod = { ...db, spec: { ...db.spec, initContainers: [init] } };
      return allows(clusterOf(policy), {
        from: { pod: frontend },
        to: { pod },
        protocol: "TCP",
        port: 15001,
      });
    };
    assert.equal(reaches("Always"), true);
    assert.equal(reaches(), false);
  });

  it("fails on an operator that it does not know", () => {
    const policy = { podSelector: { matchExpressions: [{ key: "role", operator: "Is" }] } };
    assert.throws(() => isAllowed(clusterOf(policy), "frontend > db"), {
      message: 'unknown operator "Is" in a label selector; use In, NotIn, Exists or DoesNotExist',
    });
  });
});
