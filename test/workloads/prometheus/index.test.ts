import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { imageAt, images, versionOf } from "../../../infra/versions.ts";
import { Prometheus } from "../../../workloads/prometheus/index.ts";
import { type Recorded, record, settle } from "../../mocks.ts";
import { inputsOf, objectsIn } from "../rooms.ts";
import { make, recordPrometheus } from "./fixture.ts";

interface Named {
  readonly name: string;
}

const namesOf = (all: readonly Named[]) => all.map(({ name }) => name);

describe("Prometheus", () => {
  let small: Recorded[];
  let full: Recorded[];

  before(async () => {
    small = await recordPrometheus();
    full = await recordPrometheus(undefined, "full");
  });

  const server = (of: Recorded[]) => inputsOf(of, "StatefulSet", "prometheus").spec;
  const alertmanager = (of: Recorded[]) =>
    inputsOf(of, "StatefulSet", "prometheus-alertmanager").spec;
  const containerOf = (spec: { template: { spec: { containers: readonly Named[] } } }) =>
    // biome-ignore lint/suspicious/noExplicitAny: a container as it was registered
    spec.template.spec.containers[0] as any;

  it("is these objects in its two namespaces and no others", () => {
    assert.deepEqual(objectsIn(small, "prometheus"), [
      "ConfigMap prometheus",
      "ConfigMap prometheus-alertmanager",
      "ConfigMap prometheus-state",
      "Deployment prometheus-state",
      "NetworkPolicy prometheus",
      "NetworkPolicy prometheus-alertmanager",
      "NetworkPolicy prometheus-asks-alertmanager",
      "NetworkPolicy prometheus-asks-kube-state-metrics",
      "NetworkPolicy prometheus-asks-prometheus",
      "NetworkPolicy prometheus-default",
      "NetworkPolicy prometheus-state",
      "Role prometheus-alertmanager",
      "Role prometheus-kube-state-metrics",
      "Role prometheus-prometheus",
      "RoleBinding prometheus-alertmanager",
      "RoleBinding prometheus-kube-state-metrics",
      "RoleBinding prometheus-prometheus",
      "Secret prometheus",
      "Secret prometheus-alertmanager",
      "Secret prometheus-alertmanager-secrets",
      "Secret prometheus-state",
      "Service prometheus",
      "Service prometheus-alertmanager",
      "Service prometheus-alertmanager-servers",
      "Service prometheus-servers",
      "ServiceAccount prometheus",
      "ServiceAccount prometheus-alertmanager",
      "ServiceAccount prometheus-state",
      "StatefulSet prometheus",
      "StatefulSet prometheus-alertmanager",
    ]);
    assert.deepEqual(objectsIn(small, "node-metrics"), [
      "ConfigMap prometheus-node",
      "DaemonSet prometheus-node",
      "NetworkPolicy node-metrics-default",
      "NetworkPolicy prometheus-asks-node-exporter",
      "NetworkPolicy prometheus-node",
      "Role prometheus-node-exporter",
      "RoleBinding prometheus-node-exporter",
      "Secret prometheus-node",
      "ServiceAccount prometheus-node",
    ]);
    assert.deepEqual(objectsIn(small, ""), [
      "ClusterRole prometheus-nodes",
      "ClusterRole prometheus-state",
      "ClusterRoleBinding prometheus-nodes",
      "ClusterRoleBinding prometheus-state",
      "Namespace node-metrics",
      "Namespace prometheus",
    ]);
  });

  it("is one Prometheus and one Alertmanager on a small target, two and three on a full one", () => {
    assert.deepEqual([server(small).replicas, alertmanager(small).replicas], [1, 1]);
    assert.deepEqual([server(full).replicas, alertmanager(full).replicas], [2, 3]);
    const budgets = (of: Recorded[]) =>
      objectsIn(of, "prometheus").filter((one) => one.startsWith("PodDisruptionBudget"));
    assert.deepEqual(budgets(small), []);
    assert.deepEqual(budgets(full), [
      "PodDisruptionBudget prometheus",
      "PodDisruptionBudget prometheus-alertmanager",
    ]);
  });

  it("keeps metrics for 15 days, as many as fit on the volume, or as many as one wishes", async () => {
    const retention = (of: Recorded[]) =>
      containerOf(server(of)).args.filter((one: string) => one.includes(".retention."));
    assert.deepEqual(retention(small), [
      "--storage.tsdb.retention.time=15d",
      "--storage.tsdb.retention.size=3GB",
    ]);
    assert.deepEqual(retention(full)[1], "--storage.tsdb.retention.size=75GB");
    const wished = await recordPrometheus(() => ({ retentionDays: 2, retentionGiB: 1 }));
    assert.deepEqual(retention(wished), [
      "--storage.tsdb.retention.time=2d",
      "--storage.tsdb.retention.size=1GB",
    ]);
    const storage = (of: Recorded[]) => server(of).volumeClaimTemplates[0].spec.resources.requests;
    assert.deepEqual([storage(small), storage(full)], [{ storage: "4Gi" }, { storage: "100Gi" }]);
  });

  for (const [wish, message] of [
    [{ retentionDays: 0 }, "prometheus cannot keep 0 days; allowed: whole numbers, at least 1"],
    [
      { retentionGiB: 4 },
      "prometheus cannot keep 4 GiB; allowed: whole numbers from 1 to 3, which fit on its volume " +
        "of 4 GiB",
    ],
  ] as const) {
    it(`fails with ${JSON.stringify(wish)}, before there is anything`, async () => {
      const left = await record(() => {
        assert.throws(() => make(wish), new pulumi.RunError(message));
      });
      assert.deepEqual(objectsIn(left, "prometheus"), []);
    });
  }

  it("takes its programs from the table, Prometheus in another version where one wishes", async () => {
    const { containers } = server(small).template.spec;
    assert.deepEqual(namesOf(containers), ["prometheus", "consul-login"]);
    assert.equal(containers[0].image, images.prometheus);
    assert.match(containers[1].image, /\/consul-login@sha256:/);
    assert.equal(containerOf(alertmanager(small)).image, images.alertmanager);
    const exporters = ["Deployment prometheus-state", "DaemonSet prometheus-node"].map((one) => {
      const [kind = "", name = ""] = one.split(" ");
      return containerOf(inputsOf(small, kind, name).spec).image;
    });
    assert.deepEqual(exporters, [images.kubeStateMetrics, images.nodeExporter]);
    const other = await recordPrometheus(() => ({ version: "3.5.0" }));
    assert.equal(containerOf(server(other)).image, imageAt("prometheus", "3.5.0"));
    assert.equal(
      server(small).template.metadata.labels["app.kubernetes.io/version"],
      versionOf("prometheus"),
    );
  });

  it("leaves the token for Consul in memory, where Prometheus reads it", () => {
    const [prometheus, login] = server(small).template.spec.containers;
    const mounts = (of: { volumeMounts: { name: string; readOnly?: boolean }[] }) =>
      of.volumeMounts.map(({ name, readOnly }) => `${name}${readOnly ? "" : " (written)"}`);
    assert.deepEqual(mounts(prometheus), [
      "config",
      "tls",
      "kubernetes",
      "token",
      "data (written)",
    ]);
    assert.deepEqual(mounts(login), ["tls", "consul-login", "token (written)"]);
    const { volumes } = server(small).template.spec;
    assert.deepEqual(volumes.at(-1), {
      name: "token",
      emptyDir: { medium: "Memory", sizeLimit: "1Mi" },
    });
    assert.deepEqual(login.env.slice(0, 2), [
      { name: "TOKEN_FILE", value: "/run/token/consul" },
      { name: "ADMIN_PORT", value: "9091" },
    ]);
  });

  it("asks whether it is ready by its certificate, since the kubelet has none", () => {
    const { startupProbe, readinessProbe, livenessProbe } = containerOf(server(small));
    const command = [
      "/bin/promtool",
      "check",
      "ready",
      "--url=https://localhost:9090",
      "--http.config.file=/etc/monitoring/config/client.yml",
    ];
    assert.deepEqual([startupProbe.exec, readinessProbe.exec], [{ command }, { command }]);
    assert.deepEqual(livenessProbe.tcpSocket, { port: "https" });
  });

  it("is certified for its services and for those who ask from beside it", () => {
    const dnsNames = (name: string) => inputsOf(small, "CertRequest", name).dnsNames;
    const of = (host: string) => [host, `${host}.cluster.local`, "localhost"];
    assert.deepEqual(dnsNames("prometheus"), of("prometheus.prometheus.svc"));
    assert.deepEqual(dnsNames("prometheus-alertmanager"), of("alertmanager.prometheus.svc"));
    assert.deepEqual(dnsNames("prometheus-state"), of("kube-state-metrics.prometheus.svc"));
    assert.deepEqual(dnsNames("prometheus-node"), of("node-exporter.node-metrics.svc"));
  });

  it("is known to Consul by its account, and may read metrics there", () => {
    assert.deepEqual(Prometheus.consumers, [
      {
        name: "prometheus",
        namespace: "prometheus",
        serviceAccount: "prometheus",
        registers: [],
        reads: [],
        metrics: true,
      },
    ]);
    assert.equal(inputsOf(small, "ServiceAccount", "prometheus").metadata.name, "prometheus");
  });

  it("shows its API and its pages, and those of Alertmanager", async () => {
    let shown: unknown;
    await record(async () => {
      const { endpoint, alertmanager: of, ui, alertmanagerUi } = make();
      const hosts = [await settle(endpoint.host), await settle(of.host)];
      shown = [hosts, endpoint.port, of.port, ui.endpoint === endpoint, alertmanagerUi.path];
    });
    const hosts = ["prometheus.prometheus.svc", "alertmanager.prometheus.svc"];
    assert.deepEqual(shown, [hosts, 9090, 9093, true, "/"]);
  });

  it("rolls Prometheus when a room shows something else, and nothing but it", async () => {
    const sums = (of: Recorded[]) =>
      [server(of), alertmanager(of)].map(
        (one) => one.template.metadata.annotations["checksum.web-greetings/config"],
      );
    const other = await recordPrometheus(() => ({ rooms: [] }));
    const same = sums(small).map((sum, index) => sum === sums(other)[index]);
    assert.deepEqual(same, [false, true]);
  });
});
