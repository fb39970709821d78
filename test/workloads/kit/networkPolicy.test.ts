import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../../../workloads/kit/endpoint.ts";
import { createNamespace } from "../../../workloads/kit/namespace.ts";
import { allowConnections, type ConnectionsArgs } from "../../../workloads/kit/networkPolicy.ts";
import { record } from "../../mocks.ts";
import { fakePlatform, inputsOf } from "../rooms.ts";

const identity = { name: "shop", instance: "shop", component: "till", version: "1.0.0" };
const self = {
  "app.kubernetes.io/name": "shop",
  "app.kubernetes.io/instance": "shop",
  "app.kubernetes.io/component": "till",
  "app.kubernetes.io/part-of": "web-greetings",
};
const accessLabels = { "access.web-greetings/shop": "true" };
const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));

const bankLabels = { app: "bank" };
const bank: Endpoint = {
  host: pulumi.output("bank"),
  port: 443,
  tls: true,
  accessLabels,
  server: { namespace: "bank", labels: bankLabels },
};
const bankPods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "bank" } },
  podSelector: { matchLabels: bankLabels },
};

/** The policy of a workload of the namespace `shop`. */
async function policyOf(args: Partial<ConnectionsArgs>) {
  const resources = await record(() => {
    const room = new pulumi.ComponentResource("test:room:Room", "room");
    const purpose = "The till takes money.";
    allowConnections("till", { identity, namespace: "shop", purpose, ...args }, room);
  });
  return inputsOf(resources, "NetworkPolicy", "till");
}

describe("connections of a workload", () => {
  it("are none unless they are asked for, also by empty lists", async () => {
    const nothing: Partial<ConnectionsArgs>[] = [
      {},
      { peerPorts: [], publicPorts: [], uses: [] },
      { serves: { ports: [], accessLabels } },
      { checked: { by: bank, ports: [] }, peers: { crew: "true" } },
      { admits: { cidrs: ["192.0.2.0/28"], ports: [] } },
    ];
    for (const args of nothing) {
      assert.deepEqual((await policyOf(args)).spec, {
        podSelector: { matchLabels: self },
        policyTypes: ["Ingress", "Egress"],
        ingress: [],
        egress: [],
      });
    }
  });

  it("come from the pods of the stack's namespaces that carry the labels, at its ports", async () => {
    const { spec } = await policyOf({ serves: { ports: [80, 81], accessLabels } });
    const namespaceSelector = { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } };
    const from = [{ namespaceSelector, podSelector: { matchLabels: accessLabels } }];
    assert.deepEqual(spec.ingress, [{ from, ports: tcp(80, 81) }]);
    assert.deepEqual(spec.egress, []);
  });

  it("among the workload's own pods are open in both directions", async () => {
    const { spec } = await policyOf({ peerPorts: [7] });
    const peers = [{ podSelector: { matchLabels: self } }];
    assert.deepEqual(spec.ingress, [{ from: peers, ports: tcp(7) }]);
    assert.deepEqual(spec.egress, [{ to: peers, ports: tcp(7) }]);
  });

  it("come from everyone at public ports alone", async () => {
    const { spec } = await policyOf({ publicPorts: [8080] });
    assert.deepEqual([spec.ingress, spec.egress], [[{ ports: tcp(8080) }], []]);
  });

  it("come from outside the cluster by the clients' addresses, and are refused where they have none", async () => {
    const { spec } = await policyOf({ admits: { cidrs: ["192.0.2.0/28"], ports: [443] } });
    const from = [{ ipBlock: { cidr: "192.0.2.0/28" } }];
    assert.deepEqual([spec.ingress, spec.egress], [[{ from, ports: tcp(443) }], []]);
    await assert.rejects(policyOf({ admits: { cidrs: [], ports: [443] } }), {
      message: "what is outside the cluster has no addresses",
    });
  });

  it("go to the servers of the endpoints, and to the API server by its ports", async () => {
    const { spec } = await policyOf({ uses: [bank], usesKubernetes: true });
    assert.deepEqual(spec.egress, [
      { to: [bankPods], ports: tcp(443) },
      { ports: tcp(6443, 443, 8443) },
    ]);
    assert.deepEqual(spec.ingress, []);
  });

  it("go to machines that are no pods by ports alone", async () => {
    const { spec } = await policyOf({ usesMachines: [10_250, 443] });
    assert.deepEqual(spec.egress, [
      {
        ports: [
          { protocol: "TCP", port: 10_250 },
          { protocol: "TCP", port: 443 },
        ],
      },
    ]);
    const { spec: none } = await policyOf({ usesMachines: [] });
    assert.deepEqual(none.egress, []);
  });

  it("go to a server outside the cluster by its addresses, and are refused where it has none", async () => {
    const outside = (cidrs: readonly string[]): Endpoint => ({ ...bank, server: { cidrs } });
    const { spec } = await policyOf({ uses: [outside(["192.0.2.0/28", "192.0.2.16/28"])] });
    const to = [{ ipBlock: { cidr: "192.0.2.0/28" } }, { ipBlock: { cidr: "192.0.2.16/28" } }];
    assert.deepEqual(spec.egress, [{ to, ports: tcp(443) }]);
    await assert.rejects(policyOf({ uses: [outside([])] }), {
      message: "what is outside the cluster has no addresses",
    });
  });

  it("are over UDP where a port says so, in their order", async () => {
    const { spec } = await policyOf({
      serves: { ports: [53, { udp: 53 }], accessLabels },
      peerPorts: [{ udp: 9 }],
    });
    const udp = (port: number) => ({ protocol: "UDP", port });
    assert.deepEqual(
      spec.ingress.map(({ ports }: { ports: object[] }) => ports),
      [[...tcp(53), udp(53)], [udp(9)]],
    );
    assert.deepEqual(spec.egress, [
      { to: [{ podSelector: { matchLabels: self } }], ports: [udp(9)] },
    ]);
  });

  it("among peers of several workloads are open to whoever carries their label", async () => {
    const peers = { crew: "true" };
    const { spec } = await policyOf({ peerPorts: [7], peers });
    const crew = [{ podSelector: { matchLabels: peers } }];
    assert.deepEqual(spec.ingress, [{ from: crew, ports: tcp(7) }]);
    assert.deepEqual(spec.egress, [{ to: crew, ports: tcp(7) }]);
    assert.deepEqual(spec.podSelector, { matchLabels: self });
  });

  it("come from the server that checks the pods, at those ports alone", async () => {
    const { spec } = await policyOf({ checked: { by: bank, ports: [90] } });
    assert.deepEqual(spec.ingress, [{ from: [bankPods], ports: tcp(90) }]);
    assert.deepEqual(spec.egress, []);
  });

  it("of who checks go to the stack's pods with the labels, at the ports that these open", async () => {
    const { spec } = await policyOf({ checks: accessLabels });
    const namespaceSelector = { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } };
    const to = [{ namespaceSelector, podSelector: { matchLabels: accessLabels } }];
    assert.deepEqual(spec.egress, [{ to }]);
    assert.deepEqual(spec.ingress, []);
  });

  it("say why they are there", async () => {
    const { annotations } = (await policyOf({})).metadata;
    assert.deepEqual(annotations, { "kubernetes.io/description": "The till takes money." });
  });
});

describe("a namespace", () => {
  it("is one of those whose pods may be admitted, and closed but for names", async () => {
    const resources = await record(() => {
      const room = new pulumi.ComponentResource("test:room:Room", "room");
      createNamespace("shop", { platform: fakePlatform(), holdsData: false }, room);
    });
    const { labels } = inputsOf(resources, "Namespace", "shop").metadata;
    assert.equal(labels["app.kubernetes.io/part-of"], "web-greetings");
    const { metadata, spec } = inputsOf(resources, "NetworkPolicy", "shop-default");
    assert.match(metadata.annotations["kubernetes.io/description"], /^Pods ask the cluster's DNS/);
    assert.deepEqual([spec.podSelector, spec.ingress, spec.egress.length], [{}, [], 1]);
  });
});
