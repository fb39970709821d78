import assert from "node:assert/strict";
import type { Recorded } from "../../mocks.ts";
import { inputsOf } from "../rooms.ts";
import { endpointOf, recordPrometheus } from "./fixture.ts";

const ports = (...numbers: readonly number[]) => numbers.map((port) => ({ protocol: "TCP", port }));

/** What lets in those who carry a label of the stack's. */
function from(label: string, port: number) {
  return {
    from: [
      {
        namespaceSelector: { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } },
        podSelector: { matchLabels: { [`access.web-greetings/${label}`]: "true" } },
      },
    ],
    ports: ports(port),
  };
}

describe("Prometheus' connections", () => {
  let resources: Recorded[];
  const policy = (name: string, of = resources) => inputsOf(of, "NetworkPolicy", name).spec;

  before(async () => {
    resources = await recordPrometheus();
  });

  /** Where pods may go, as `namespace/name:port`, or `:port` where that is all that is said. */
  function goals(name: string, of = resources): string[] {
    return policy(name, of).egress.flatMap(
      (rule: {
        to?: readonly {
          namespaceSelector?: { matchLabels: Record<string, string> };
          podSelector: { matchLabels: Record<string, string> };
        }[];
        ports: readonly { port: number }[];
      }) =>
        rule.ports.map(({ port }) => {
          const [to] = rule.to ?? [];
          const namespace = to?.namespaceSelector?.matchLabels["kubernetes.io/metadata.name"] ?? "";
          const labels = to?.podSelector.matchLabels ?? {};
          const pods = labels["app.kubernetes.io/name"] ?? labels["k8s-app"] ?? "";
          return `${namespace}${to ? "/" : ""}${pods}:${port}`;
        }),
    );
  }

  it("lead to what it was handed, to its own programs, to nodes and to Kubernetes", () => {
    assert.deepEqual(goals("prometheus"), [
      "consul/consul:8501",
      "prometheus/alertmanager:9093",
      "mills/mill:9464",
      "mills/sack:7000",
      "prometheus/prometheus:9090",
      "prometheus/alertmanager:9093",
      "prometheus/kube-state-metrics:8080",
      "node-metrics/node-exporter:9100",
      "kube-system/kube-dns:9153",
      ":6443",
      ":443",
      ":8443",
      ":10250",
    ]);
  });

  it("are asked for by labels of its pods", () => {
    const { labels } = inputsOf(resources, "StatefulSet", "prometheus").spec.template.metadata;
    const carried = Object.keys(labels).filter((key) => key.startsWith("access."));
    assert.deepEqual(carried.toSorted(), [
      "access.web-greetings/alertmanager",
      "access.web-greetings/alertmanager-metrics",
      "access.web-greetings/consul",
      "access.web-greetings/kube-state-metrics-metrics",
      "access.web-greetings/mill",
      "access.web-greetings/node-exporter-metrics",
      "access.web-greetings/prometheus-metrics",
      "access.web-greetings/sack",
    ]);
  });

  it("let in those who may ask, and those who may ask for metrics", () => {
    for (const [name, of, port] of [
      ["prometheus", "prometheus", 9090],
      ["prometheus-alertmanager", "alertmanager", 9093],
    ] as const) {
      assert.deepEqual(policy(name).ingress, [from(of, port)]);
      assert.deepEqual(policy(`prometheus-asks-${of}`).ingress, [from(`${of}-metrics`, port)]);
    }
    for (const [name, of, port] of [
      ["prometheus-state", "kube-state-metrics", 8080],
      ["prometheus-node", "node-exporter", 9100],
    ] as const) {
      assert.deepEqual(policy(name).ingress, []);
      assert.deepEqual(policy(`prometheus-asks-${of}`).ingress, [from(`${of}-metrics`, port)]);
    }
  });

  it("are let in to the pods of rooms that were handed over, by policies beside them", () => {
    const open = (name: string) => {
      const { metadata, spec } = inputsOf(resources, "NetworkPolicy", name);
      return { namespace: metadata.namespace, pods: spec.podSelector.matchLabels, ...spec };
    };
    const { namespace, pods, ingress, policyTypes } = open("prometheus-asks-mill");
    assert.deepEqual([namespace, policyTypes], ["mills", ["Ingress"]]);
    assert.equal(pods["app.kubernetes.io/name"], "mill");
    assert.deepEqual(ingress, [from("mill", 9464)]);
    const asked = resources.filter(({ name }) => name.startsWith("prometheus-asks-"));
    // DNS is no pod of the stack.
    assert.deepEqual(asked.map(({ name }) => name.replace("prometheus-asks-", "")).toSorted(), [
      ...["alertmanager", "kube-state-metrics", "mill"],
      ...["node-exporter", "prometheus", "sack"],
    ]);
  });

  it("lead node-exporters nowhere, and kube-state-metrics to Kubernetes alone", () => {
    assert.deepEqual(goals("prometheus-node"), []);
    assert.deepEqual(goals("prometheus-state"), [":6443", ":443", ":8443"]);
  });

  it("lead Alertmanagers to each other where there are several, and to receivers' ports", async () => {
    assert.deepEqual(goals("prometheus-alertmanager"), []);
    const url = "https://receiver.example/hook";
    const full = await recordPrometheus(
      () => ({
        receivers: [
          { kind: "webhook", url },
          { kind: "slack", channel: "#alerts", url },
          { kind: "email", to: "a@x", from: "b@x", server: { host: "mail.example", port: 587 } },
          { kind: "deadMansSwitch", url: "https://receiver.example:8443/hook" },
        ],
      }),
      "full",
    );
    assert.deepEqual(goals("prometheus-alertmanager", full), [
      "/alertmanager:9094",
      ":443",
      ":587",
      ":8443",
    ]);
    assert.equal(policy("prometheus-alertmanager", full).ingress.length, 2);
  });

  it("end with the room that they led to", async () => {
    const without = await recordPrometheus(() => ({ rooms: [] }));
    assert.deepEqual(
      goals("prometheus", without).filter((one) => one.startsWith("mills")),
      [],
    );
    assert.equal(JSON.stringify(without).includes("mill"), false);
  });

  it("fail to lead to what is no pod, which nobody could find", async () => {
    const endpoint = { ...endpointOf("db", "", 5432), server: { cidrs: ["192.0.2.0/24"] } };
    const room = { room: "db", scrape: [{ job: "db", endpoint }], alerts: [], dashboards: [] };
    await assert.rejects(
      recordPrometheus(() => ({ rooms: [room] })),
      {
        message: "job db has no pods, so that nobody can find what to ask",
      },
    );
  });
});
