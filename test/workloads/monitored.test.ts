import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../infra/pki.ts";
import { Edge } from "../../workloads/edge/index.ts";
import type { Monitored, ScrapeTarget } from "../../workloads/kit/monitor.ts";
import { type Recorded, record, settle } from "../mocks.ts";
import { fakePlatform, inputsOf, makeRooms, type Rooms, type Wishes } from "./rooms.ts";

/** The rooms of `rooms.ts` and an edge before them. */
function makeAll(wishes: Wishes = {}): Rooms & { readonly edge: Edge } {
  const rooms = makeRooms(wishes);
  const edge = new Edge("edge", {
    platform: fakePlatform(),
    authority: new CertificateAuthority("edge-authority", { organization: "yourcom.example" }),
    consul: rooms.consul.endpoint,
    upstream: rooms.greetings.api,
  });
  return { ...rooms, edge };
}

function allOf(rooms: ReturnType<typeof makeAll>): readonly Monitored[] {
  return [rooms.consul, rooms.zookeeper, rooms.kafka, rooms.greetings, rooms.edge];
}

/** A target in one line, and the name of the certificate that it is asked by. */
async function lineOf({ job, endpoint, path, params, login, ...more }: ScrapeTarget) {
  const { port, tls, host, accessLabels, server } = endpoint;
  assert.ok("namespace" in server);
  const namespace = await settle(pulumi.output(server.namespace));
  const part = `${namespace}/${server.labels["app.kubernetes.io/component"]}`;
  const query = params ? `?${new URLSearchParams(params)}` : "";
  const url = `${tls ? `https as ${await settle(host)}` : "http"} ${port}${path ?? ""}${query}`;
  const access = Object.keys(accessLabels).join().replace("access.web-greetings/", "");
  const pace = more.intervalSeconds === undefined ? "" : ` every ${more.intervalSeconds} s`;
  return `${job}: ${part} by ${access}, ${url}${login ? ` with a login of ${login}` : ""}${pace}`;
}

/** Each workload of pods: job, kind, name and network policy. */
const workloads = [
  ["consul", "StatefulSet", "consul", "consul"],
  ["consul-agent", "DaemonSet", "consul-agent", "consul-agent"],
  ["zookeeper", "StatefulSet", "zookeeper", "zookeeper"],
  ["kafka", "StatefulSet", "kafka", "kafka"],
  ["api", "Deployment", "greetings-api", "greetings-api"],
  ["worker", "Deployment", "greetings-worker", "greetings-worker"],
  ["edge", "Deployment", "edge", "edge"],
] as const;

describe("what rooms show to monitoring", () => {
  let resources: Recorded[];
  let lines: string[];
  let rooms: readonly Monitored[];

  before(async () => {
    resources = await record(async () => {
      rooms = allOf(makeAll());
      lines = await Promise.all(rooms.flatMap(({ scrape }) => scrape).map(lineOf));
    });
  });

  it("is asked for under these names, by rights apart from those to what they serve", () => {
    const metrics = "/v1/agent/metrics?format=prometheus with a login of consul";
    assert.deepEqual(lines, [
      `consul: consul/server by consul-metrics, https as consul.consul.svc 8501${metrics}`,
      "consul-agent: consul/agent by consul-agent-metrics, " +
        `https as consul-agent.consul.svc 8501${metrics}`,
      "zookeeper: zookeeper/server by zookeeper-metrics, http 7000",
      "kafka-agent: kafka/broker by kafka-metrics, https as kafka.kafka.svc 9464",
      "kafka: kafka/broker by kafka-metrics, https as kafka.kafka.svc 9464/jvm every 30 s",
      "api: greetings/api by api-metrics, https as greetings-api 9464",
      "worker: greetings/worker by worker-metrics, https as greetings-worker 9464",
      "edge: edge/proxy by edge-metrics, https as edge.edge.svc 9464",
    ]);
  });

  for (const [of, kind, name, policy] of workloads) {
    it(`of ${name} is in a port of its containers, and open to nobody before somebody asks`, () => {
      const { spec } = inputsOf(resources, "NetworkPolicy", policy);
      assert.doesNotMatch(JSON.stringify(spec.ingress ?? []), /-metrics/);
      const target = rooms.flatMap(({ scrape }) => scrape).find(({ job }) => job === of);
      const { containers } = inputsOf(resources, kind, name).spec.template.spec;
      const declared = containers.flatMap((one: { ports?: { containerPort: number }[] }) =>
        (one.ports ?? []).map(({ containerPort }) => containerPort),
      );
      assert.equal(declared.filter((port: number) => port === target?.endpoint.port).length, 1);
    });
  }

  for (const [room, request] of [
    ["consul", "consul"],
    ["consul-agent", "consul-agent"],
    ["kafka", "kafka"],
    ["api", "greetings-api"],
    ["worker", "greetings-worker"],
    ["edge", "edge"],
  ] as const) {
    it(`of ${room} is asked for by a name in its certificate`, () => {
      const asked = lines.find((line) => line.startsWith(`${room}:`));
      const host = /https as (\S+) /.exec(asked ?? "")?.[1];
      assert.ok(inputsOf(resources, "CertRequest", request).dnsNames.includes(host), host);
    });
  }

  it("is named by the room that it is of, and each alert has a name of its own", () => {
    assert.deepEqual(
      rooms.map(({ room, alerts }) => [room, ...alerts.map(({ name }) => name)]),
      [
        ["consul", "ConsulNoLeader", "ConsulQuorumAtRisk", "ConsulCertificateExpires"],
        ["zookeeper", "ZooKeeperNoQuorum", "ZooKeeperQuorumAtRisk"],
        [
          "kafka",
          "KafkaOffline",
          "KafkaUnderReplicated",
          "KafkaBrokerMissing",
          "ConsumerLagGrowing",
        ],
        ["greetings", "NoWorker", "ApiFailing"],
        ["edge", "EdgeWithoutUpstream", "EdgeNginxDown"],
      ],
    );
  });

  it("counts brokers and servers as many as are meant to be", async () => {
    let others: readonly Monitored[] = [];
    await record(() => {
      others = allOf(makeAll({ kafka: { replicas: 5 }, consul: { replicas: 1 } }));
    });
    const alerts = others.flatMap(({ alerts: of }) => of);
    const missing = alerts.find(({ name }) => name === "KafkaBrokerMissing");
    assert.equal(missing?.expr, "min(kafka_cluster_brokers) < 5");
    // A single server can never be lost, which is no news.
    assert.equal(
      alerts.some(({ name }) => name === "ConsulQuorumAtRisk"),
      false,
    );
  });
});
