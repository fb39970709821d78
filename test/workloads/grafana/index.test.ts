import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { images } from "../../../infra/versions.ts";
import { renderIni } from "../../../workloads/grafana/config.ts";
import { Grafana } from "../../../workloads/grafana/index.ts";
import { neededBy } from "../../graph.ts";
import { type Recorded, record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, objectsIn } from "../rooms.ts";
import { dashboards, endpointOf, make } from "./fixture.ts";

describe("Grafana", () => {
  let made: Recorded[] = [];
  let ui = { host: "", port: 0, path: "", tls: false };
  let login = { user: "", password: "", secret: false };

  before(async () => {
    made = await make({}, async (room) => {
      const { endpoint, path } = room.ui;
      const { port, tls } = endpoint;
      ui = { host: await settle(endpoint.host), port, path, tls };
      const { user, password } = room.login;
      login = { user, password: await settle(password), secret: await pulumi.isSecret(password) };
    });
  });

  const set = (of = made) => inputsOf(of, "StatefulSet", "grafana").spec;
  const pod = (of = made) => set(of).template;
  const container = (of = made) => pod(of).spec.containers[0];
  const config = (of = made) => inputsOf(of, "ConfigMap", "grafana").data;
  const secret = () => inputsOf(made, "Secret", "grafana-secrets").stringData;

  it("is these objects in its namespace and no others", () => {
    assert.deepEqual(objectsIn(made, "grafana"), [
      "ConfigMap grafana",
      "ConfigMap grafana-kafka",
      "ConfigMap grafana-overview",
      "NetworkPolicy grafana",
      "NetworkPolicy grafana-default",
      "Secret grafana",
      "Secret grafana-secrets",
      "Service grafana",
      "Service grafana-servers",
      "ServiceAccount grafana",
      "StatefulSet grafana",
    ]);
    assert.deepEqual(objectsIn(made, ""), ["Namespace grafana"]);
  });

  it("is one of the table's image, whose files it calls by their full names", () => {
    assert.equal(set().replicas, 1);
    assert.equal(container().image, images.grafana);
    assert.deepEqual(container().command, [
      "/usr/share/grafana/bin/grafana",
      "server",
      "--homepath=/usr/share/grafana",
      "--config=/etc/grafana/config/grafana.ini",
    ]);
  });

  it("is asked over TLS whether it is well", () => {
    const { startupProbe, livenessProbe, readinessProbe } = container();
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      assert.deepEqual(httpGet, { path: "/api/health", port: "https", scheme: "HTTPS" });
    }
  });

  it("has a volume of 10 GiB that goes with the stack, on every target", async () => {
    const kept = await make({ platform: { scale: "full", retain: true } });
    for (const of of [made, kept]) {
      const [{ metadata, spec }] = set(of).volumeClaimTemplates;
      assert.deepEqual([metadata.name, spec.resources.requests.storage], ["data", "10Gi"]);
      assert.equal(set(of).persistentVolumeClaimRetentionPolicy.whenDeleted, "Delete");
    }
    assert.ok(kept.every(({ isKept }) => !isKept));
    const memory = [made, kept].map((of) => container(of).resources.limits.memory);
    assert.deepEqual(memory, ["384Mi", "768Mi"]);
  });

  it("serves who holds its access label, and reaches Prometheus and InfluxDB alone", () => {
    const { ingress, egress } = inputsOf(made, "NetworkPolicy", "grafana").spec;
    assert.deepEqual(ingress, [
      {
        from: [
          {
            namespaceSelector: { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } },
            podSelector: { matchLabels: { "access.web-greetings/grafana": "true" } },
          },
        ],
        ports: [{ protocol: "TCP", port: 3000 }],
      },
    ]);
    const to = (name: string, port: number) => ({
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
        },
      ],
      ports: [{ protocol: "TCP", port }],
    });
    assert.deepEqual(egress, [to("prometheus", 9090), to("influxdb", 8086)]);
    const { labels } = pod().metadata;
    assert.equal(labels["access.web-greetings/prometheus"], "true");
    assert.equal(labels["access.web-greetings/influxdb"], "true");
  });

  it("tells where people find it, and who may log in", () => {
    assert.deepEqual(ui, { host: "grafana.grafana.svc", port: 3000, path: "/", tls: true });
    assert.equal(login.user, "admin");
    assert.equal(login.password.length, 32);
    assert.equal(login.secret, true);
    const { subject, dnsNames } = inputsOf(made, "CertRequest", "grafana");
    assert.equal(subject.commonName, "grafana");
    assert.deepEqual(dnsNames, ["grafana.grafana.svc", "grafana.grafana.svc.cluster.local"]);
  });

  it("has its secrets as files alone", () => {
    const files = secret().value ?? secret();
    assert.deepEqual(Object.keys(files).sort(), [
      "admin-password",
      "influxdb-password",
      "secret-key",
    ]);
    const open = made.filter(({ type }) => !/:(Secret|RandomPassword|PrivateKey)$/.test(type));
    for (const { inputs, name } of open) {
      assert.ok(!JSON.stringify(inputs).includes("influx-secret"), name);
      assert.ok(!JSON.stringify(inputs).includes(login.password), name);
    }
    assert.equal(container().env, undefined);
    assert.deepEqual(pod().spec.automountServiceAccountToken, false);
  });

  it("mounts what it reads, each dashboard in a folder of its own", () => {
    const mounts = container().volumeMounts.map(
      ({ name, mountPath, subPath = "", readOnly = "false" }: Record<string, string>) =>
        `${name} ${mountPath} ${subPath} ${readOnly}`,
    );
    assert.deepEqual(mounts, [
      "config /etc/grafana/config  true",
      "config /etc/grafana/provisioning/datasources/sources.yaml sources.yaml true",
      "config /etc/grafana/provisioning/dashboards/providers.yaml providers.yaml true",
      "secrets /etc/grafana/secrets  true",
      "tls /etc/grafana/tls  true",
      "data /var/lib/grafana  false",
      "tmp /tmp  false",
      "dashboard-overview /etc/grafana/dashboards/stack/overview  true",
      "dashboard-kafka /etc/grafana/dashboards/kafka/kafka  true",
    ]);
    const data = dashboards.map(({ uid }) => inputsOf(made, "ConfigMap", `grafana-${uid}`).data);
    assert.deepEqual(data, [
      { "overview.json": '{"uid":"overview"}' },
      { "kafka.json": '{"uid":"kafka"}' },
    ]);
    const volumes = pod().spec.volumes.map(({ name }: { readonly name: string }) => name);
    assert.deepEqual(volumes.sort(), [
      "config",
      "dashboard-kafka",
      "dashboard-overview",
      "secrets",
      "tls",
      "tmp",
    ]);
  });

  it("has its configuration, and opens with the first dashboard", () => {
    assert.deepEqual(Object.keys(config()), ["grafana.ini", "providers.yaml", "sources.yaml"]);
    const home = "/etc/grafana/dashboards/stack/overview/overview.json";
    assert.equal(config()["grafana.ini"], renderIni(home));
    const { datasources } = parse(config()["sources.yaml"]);
    assert.deepEqual(
      datasources.map(({ url }: { readonly url: string }) => url),
      ["https://prometheus.prometheus.svc:9090", "https://influxdb.influxdb.svc:8086"],
    );
  });

  it("does without InfluxDB, and leaves nothing of it", async () => {
    const without = await make({ influxdb: false });
    assert.equal(parse(config(without)["sources.yaml"]).datasources.length, 1);
    const room = without.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.ok(!JSON.stringify(room.map(({ inputs }) => inputs)).includes("influxdb."));
    assert.equal(inputsOf(without, "NetworkPolicy", "grafana").spec.egress.length, 1);
    assert.equal(pod(without).metadata.labels["access.web-greetings/influxdb"], undefined);
  });

  it("rolls its pod when a dashboard is another one, and keeps the rest", async () => {
    const [overview] = dashboards;
    const changed = await make({
      args: { dashboards: [overview, { ...overview, uid: "kafka", folder: "Kafka" }] },
    });
    const sums = [made, changed].map((of) => pod(of).metadata.annotations);
    const keys = ["certificate", "config", "dashboards", "secrets"].map(
      (of) => `checksum.web-greetings/${of}`,
    );
    assert.deepEqual(Object.keys(sums[0]).sort(), keys);
    assert.deepEqual(
      keys.filter((key) => sums[0][key] !== sums[1][key]),
      ["checksum.web-greetings/dashboards"],
    );
  });

  it("takes another version of the same image", async () => {
    const other = await make({ args: { version: "12.2.2" } });
    assert.equal(container(other).image, "docker.io/grafana/grafana:12.2.2");
  });

  it("starts after its policy", () => {
    assert.ok(neededBy(made, "StatefulSet grafana").has("NetworkPolicy grafana"));
  });

  it("fails for two dashboards with one uid, before there is anything", async () => {
    const [overview] = dashboards;
    const left = await record(() => {
      const authority = new CertificateAuthority("internal", { organization: "yourcom.example" });
      assert.throws(
        () =>
          new Grafana("grafana", {
            platform: fakePlatform(),
            authority,
            prometheus: endpointOf("prometheus", 9090),
            dashboards: [overview, overview],
          }),
        new pulumi.RunError(
          'two dashboards have the uid "overview"; allowed: one of each; rename one',
        ),
      );
    });
    assert.deepEqual(objectsIn(left, "grafana"), []);
  });
});
