import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Recorded } from "../mocks.ts";
import { connectionsOf, currentConnections } from "./connections.ts";
import {
  connectionsFile,
  type Edge,
  readConnections,
  renderConnections,
} from "./connectionsTable.ts";

const metadata = { namespace: "shop", annotations: { "kubernetes.io/description": "Because." } };

function resource(kind: string, name: string, inputs: object): Recorded {
  return { type: `kubernetes:v1:${kind}`, name, inputs: { ...inputs }, provider: "", custom: true };
}

function workload(kind: string, part: string, ports: readonly number[]): Recorded {
  const containers = [{ ports: ports.map((containerPort) => ({ name: "web", containerPort })) }];
  const template = {
    metadata: { labels: { "app.kubernetes.io/component": part } },
    spec: { containers },
  };
  return resource(kind, part, { metadata, spec: { template } });
}

function policy(part: string, spec: object): Recorded {
  const podSelector = { matchLabels: { "app.kubernetes.io/component": part } };
  const policyTypes = ["Ingress", "Egress"];
  return resource("NetworkPolicy", part, { metadata, spec: { podSelector, policyTypes, ...spec } });
}

const namespace = resource("Namespace", "shop", { metadata: { name: "shop", labels: {} } });
const port = (number: number) => ({ ports: [{ protocol: "TCP", port: number }] });

/** Rows without their reasons: `client > server: ports`. */
function short(edges: readonly Edge[]): string[] {
  return edges.map(({ server, ports, client }) => `${client} > ${server}: ${ports.join(", ")}`);
}

describe("docs/connections.md", () => {
  it("is what the dev stack's policies allow (`npm run reference` writes it anew)", async () => {
    assert.equal(readFileSync(connectionsFile, "utf8"), await currentConnections());
  });

  it("opens health of the API to Consul's agents, metrics to Prometheus and Telegraf, and neither to others", () => {
    const rows = short(readConnections(readFileSync(connectionsFile, "utf8")));
    assert.ok(rows.length > 5);
    assert.deepEqual(
      rows.filter((row) => /: .*(health|metrics)|\b(7000|9404|9464)\b/.test(row)),
      [
        "prometheus/server > edge/proxy: 9464 (metrics)",
        "consul/agent > greetings/api: 9090 (health)",
        "prometheus/server > greetings/api: 9464 (metrics)",
        "prometheus/server > greetings/worker: 9464 (metrics)",
        "prometheus/server > influxdb/services: 9273 (metrics)",
        "influxdb/services > kafka/broker: 9464 (metrics)",
        "prometheus/server > kafka/broker: 9464 (metrics)",
        "prometheus/server > telegraf/node: 9273 (metrics)",
        "influxdb/services > zookeeper/server: 7000 (metrics)",
        "prometheus/server > zookeeper/server: 7000 (metrics)",
        "prometheus/server > the cluster's DNS: 9153 (metrics)",
      ],
    );
  });

  it("lets nobody out but who asks Kubernetes or kubelets, and all to the DNS", () => {
    const edges = readConnections(readFileSync(connectionsFile, "utf8"));
    const outwards = edges.filter(({ server }) => !server.includes("/") && !/DNS$/.test(server));
    const clients = [...new Set(outwards.map(({ client }) => client))];
    assert.deepEqual(clients, [
      "consul/server",
      "kafka/broker",
      "prometheus/server",
      "prometheus/state",
      "telegraf/node",
    ]);
    const ports = new Set(outwards.flatMap(({ ports: of }) => of));
    assert.deepEqual([...ports].sort(), ["10250", "443", "6443", "8443"]);
  });

  it("lets nobody but the set-up and Prometheus ask Consul's servers, and nobody but members gossip", () => {
    const edges = readConnections(readFileSync(connectionsFile, "utf8"));
    const clients = (server: string, port: string) =>
      edges
        .filter((edge) => edge.server === server && edge.ports.includes(port))
        .map(({ client }) => client);
    assert.deepEqual(clients("consul/server", "8501 (https)"), [
      "consul/set-up",
      "prometheus/server",
    ]);
    for (const server of ["consul/agent", "consul/server"]) {
      for (const port of ["8301 (serflan)", "8301/UDP (serflan)"]) {
        assert.deepEqual(clients(server, port), ["consul/agent", "consul/server"], server);
      }
    }
    assert.deepEqual(clients("consul/server", "8300 (server)"), ["consul/agent", "consul/server"]);
    assert.deepEqual(clients("consul/agent", "8300"), []);
    for (const port of ["8302 (serfwan)", "8302/UDP (serfwan)"]) {
      assert.deepEqual(clients("consul/server", port), ["consul/server"]);
    }
  });
});

describe("connections", () => {
  it("are those that both ends' policies allow", () => {
    const labels = { "app.kubernetes.io/component": "buyer" };
    const shop = [
      namespace,
      workload("Deployment", "till", [80, 81]),
      resource("Pod", "buyer", { metadata: { ...metadata, labels }, spec: { containers: [{}] } }),
      policy("till", { ingress: [port(80)] }),
      policy("buyer", { egress: [port(80), port(443)] }),
    ];
    assert.deepEqual(short(connectionsOf(shop)), [
      "any address outside > shop/till: 80 (web)",
      "any other pod > shop/till: 80 (web)",
      "shop/buyer > shop/till: 80 (web)",
      "shop/buyer > a node or the API server: 80, 443",
      "shop/buyer > any address outside: 80, 443",
      "shop/buyer > any other pod: 80, 443",
    ]);
  });

  it("are those over UDP, too, and at ports that no container names", () => {
    const udp = { ports: [{ protocol: "UDP", port: 80 }, { port: 82 }] };
    const shop = [
      namespace,
      workload("Job", "till", [80]),
      workload("Job", "buyer", []),
      policy("till", { ingress: [udp] }),
      policy("buyer", { egress: [{}] }),
    ];
    const rows = short(connectionsOf(shop)).filter((row) => row.startsWith("shop/buyer > shop/"));
    assert.deepEqual(rows, ["shop/buyer > shop/till: 80/UDP (web), 82"]);
  });

  it("between pods of one kind are there only when there can be several", () => {
    const rules = { ingress: [port(80)], egress: [port(80)] };
    const rows = (kind: string) =>
      short(connectionsOf([namespace, workload(kind, "till", [80]), policy("till", rules)]));
    const own = "shop/till > shop/till: 80 (web)";
    assert.equal(rows("StatefulSet").includes(own), true);
    assert.equal(rows("Job").includes(own), false);
  });

  it("that all pods have are one row", () => {
    const dns = { matchLabels: { "k8s-app": "kube-dns" } };
    const to = [{ namespaceSelector: {}, podSelector: dns }];
    const ports = [{ protocol: "UDP", port: 53 }];
    const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"], egress: [{ to, ports }] };
    const shop = [
      namespace,
      workload("Deployment", "till", [80]),
      workload("Deployment", "stock", [80]),
      resource("NetworkPolicy", "default", { metadata, spec }),
    ];
    const edge = {
      server: "the cluster's DNS",
      ports: ["53/UDP (dns)"],
      client: "every pod of the stack",
      why: "Because.",
    };
    assert.deepEqual(connectionsOf(shop), [edge]);
  });

  it("fail when no policy says why they are there", () => {
    const shop = [namespace, workload("Job", "till", [80])];
    assert.throws(() => connectionsOf(shop), /^Error: no policy says why \{.+\} is allowed$/);
  });

  it("are read from the list as they were written", () => {
    const word = fc.stringMatching(/^[a-z]([a-z /'()0-9]*[a-z])?$/);
    const ports = fc.array(word, { minLength: 1, maxLength: 3 });
    const columns = { server: word, ports, client: word, why: word };
    const edge = fc.record(columns, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(edge), (edges) => {
        assert.deepEqual(readConnections(renderConnections(edges)), edges);
      }),
    );
  });
});
