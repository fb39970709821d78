import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { InfluxDb } from "../../../workloads/influxdb/index.ts";
import { neededBy } from "../../graph.ts";
import { record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, objectsIn } from "../rooms.ts";
import { makeInfluxDb, plainInfluxDb, recordInfluxDb } from "./record.ts";

const ofTheStack = { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } };

describe("InfluxDB", () => {
  it("is these objects in its namespace and no others", async () => {
    assert.deepEqual(objectsIn(await plainInfluxDb(), "influxdb"), [
      "ConfigMap influxdb",
      "ConfigMap influxdb-set-up",
      "ConfigMap telegraf-services",
      "Deployment telegraf-services",
      "Job influxdb-set-up",
      "NetworkPolicy influxdb",
      "NetworkPolicy influxdb-default",
      "NetworkPolicy influxdb-set-up",
      "NetworkPolicy telegraf-services",
      "Secret influxdb",
      "Secret influxdb-secrets",
      "Secret influxdb-set-up-secrets",
      "Secret telegraf-services",
      "Secret telegraf-services-secrets",
      "Service influxdb",
      "Service influxdb-servers",
      "ServiceAccount influxdb",
      "ServiceAccount influxdb-set-up",
      "ServiceAccount telegraf-services",
      "StatefulSet influxdb",
    ]);
  });

  it("is one server by itself, which makes nobody out of its environment", async () => {
    const { spec } = inputsOf(await plainInfluxDb(), "StatefulSet", "influxdb");
    assert.equal(spec.replicas, 1);
    const [container, ...others] = spec.template.spec.containers;
    assert.deepEqual(others, []);
    assert.equal(container.image, "docker.io/library/influxdb:1.8.10");
    assert.deepEqual(container.command, [
      "/usr/bin/influxd",
      "-config",
      "/etc/influxdb/influxdb.conf",
    ]);
    assert.equal(container.env, undefined);
    assert.deepEqual(container.ports, [{ name: "https", containerPort: 8086, protocol: "TCP" }]);
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
      const httpGet = { path: "/ping", port: "https", scheme: "HTTPS" };
      assert.deepEqual(container[probe].httpGet, httpGet, probe);
    }
    assert.deepEqual(
      container.volumeMounts.map((mount: { name: string; mountPath: string }) => [
        mount.name,
        mount.mountPath,
      ]),
      [
        ["config", "/etc/influxdb"],
        ["tls", "/tls"],
        ["data", "/var/lib/influxdb"],
        ["tmp", "/tmp"],
      ],
    );
  });

  it("keeps its volume and its namespace, or not, as the platform says", async () => {
    const policyOf = async (retain: boolean) => {
      const resources = await recordInfluxDb(() => ({ platform: fakePlatform({ retain }) }));
      const { spec } = inputsOf(resources, "StatefulSet", "influxdb");
      const kept = resources
        .filter(({ type, isKept }) => type.endsWith(":Namespace") && isKept)
        .map(({ name }) => name);
      return [spec.persistentVolumeClaimRetentionPolicy.whenDeleted, kept];
    };
    assert.deepEqual(await policyOf(false), ["Delete", []]);
    assert.deepEqual(await policyOf(true), ["Retain", ["influxdb"]]);
  });

  it("takes more on a full target", async () => {
    const resources = await recordInfluxDb(() => ({ platform: fakePlatform({ scale: "full" }) }));
    const { spec } = inputsOf(resources, "StatefulSet", "influxdb");
    assert.equal(spec.volumeClaimTemplates[0].spec.resources.requests.storage, "50Gi");
    assert.equal(spec.template.spec.containers[0].resources.limits.memory, "2048Mi");
    const conf: string = inputsOf(resources, "ConfigMap", "influxdb").data["influxdb.conf"];
    assert.ok(conf.includes('  cache-max-memory-size = "512m"\n'));
    const telegraf = inputsOf(resources, "ConfigMap", "telegraf").data["telegraf.conf"];
    assert.ok(telegraf.includes("  metric_buffer_limit = 80000\n"));
  });

  it("admits its clients on its one port", async () => {
    const { spec } = inputsOf(await plainInfluxDb(), "NetworkPolicy", "influxdb");
    const ports = [{ protocol: "TCP", port: 8086 }];
    const podSelector = { matchLabels: { "access.web-greetings/influxdb": "true" } };
    const from = [{ namespaceSelector: ofTheStack, podSelector }];
    assert.deepEqual(spec.ingress, [{ from, ports }]);
    assert.deepEqual(spec.egress, []);
  });

  it("has the set-up know where the server is, whose certificate it has, what is wanted", async () => {
    const resources = await plainInfluxDb();
    const { spec, metadata } = inputsOf(resources, "Job", "influxdb-set-up").spec.template;
    assert.deepEqual(spec.containers[0].env, [
      { name: "INFLUX_HOST", value: "influxdb.influxdb.svc" },
      { name: "INFLUX_PORT", value: "8086" },
      { name: "INFLUX_CA_FILE", value: "/etc/influx-setup/config/ca.pem" },
      { name: "WANTED_FILE", value: "/etc/influx-setup/config/wanted.json" },
      { name: "SECRETS_FOLDER", value: "/etc/influx-setup/secrets" },
    ]);
    assert.equal(metadata.labels["access.web-greetings/influxdb"], "true");
    const { data } = inputsOf(resources, "ConfigMap", "influxdb-set-up");
    assert.deepEqual(Object.keys(data), ["ca.pem", "wanted.json"]);
    const secret = inputsOf(resources, "Secret", "influxdb-set-up-secrets");
    assert.deepEqual(Object.keys(secret.stringData.value).sort(), ["admin", "grafana", "telegraf"]);
  });

  it("has each password in the files of who needs it, and nowhere else", async () => {
    const resources = await plainInfluxDb();
    const secret = inputsOf(resources, "Secret", "influxdb-set-up-secrets");
    const passwords: Record<string, string> = secret.stringData.value;
    const holdersOf = (user: string) => {
      const password = passwords[user] ?? "";
      assert.match(password, /^[0-9a-f]{32}$/);
      return resources
        .filter(({ inputs }) => JSON.stringify(inputs).includes(password))
        .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    };
    assert.deepEqual(holdersOf("admin"), [
      "Secret influxdb-secrets",
      "Secret influxdb-set-up-secrets",
    ]);
    assert.deepEqual(holdersOf("grafana"), ["Secret influxdb-set-up-secrets"]);
    assert.deepEqual(holdersOf("telegraf"), [
      "Secret influxdb-set-up-secrets",
      "Secret telegraf-secrets",
      "Secret telegraf-services-secrets",
    ]);
  });

  it("has whoever writes come after the set-up, and the set-up after the server", async () => {
    const resources = await plainInfluxDb();
    for (const writer of ["DaemonSet telegraf", "Deployment telegraf-services"]) {
      assert.ok(neededBy(resources, writer).has("Job influxdb-set-up"), writer);
    }
    const needs = neededBy(resources, "Job influxdb-set-up");
    for (const one of ["StatefulSet influxdb", "Service influxdb"]) assert.ok(needs.has(one), one);
  });

  it("hands out its endpoint, its reader and its database", async () => {
    await record(async () => {
      const { endpoint, reader, database } = makeInfluxDb();
      assert.equal(await settle(endpoint.host), "influxdb.influxdb.svc");
      const { port, tls, accessLabels } = endpoint;
      assert.deepEqual(
        { port, tls, accessLabels },
        { port: 8086, tls: true, accessLabels: { "access.web-greetings/influxdb": "true" } },
      );
      assert.deepEqual([reader.user, database], ["grafana", "telegraf"]);
      assert.equal(await pulumi.isSecret(reader.password), true);
    });
  });

  it("shows itself and both kinds of Telegraf, each by the name in its certificate", async () => {
    let room: InfluxDb | undefined;
    const resources = await record(() => {
      room = makeInfluxDb();
    });
    assert.ok(room);
    assert.equal(room.room, "influxdb");
    const seen = await Promise.all(
      room.scrape.map(async ({ job, endpoint: { host, port, tls, accessLabels } }) => {
        return [job, await settle(host), port, tls, Object.keys(accessLabels)];
      }),
    );
    assert.deepEqual(seen, [
      ["influxdb", "influxdb.influxdb.svc", 8086, true, ["access.web-greetings/influxdb-metrics"]],
      ["telegraf", "telegraf.telegraf.svc", 9273, true, ["access.web-greetings/telegraf-metrics"]],
      [
        "telegraf-services",
        "telegraf.influxdb.svc",
        9273,
        true,
        ["access.web-greetings/telegraf-services-metrics"],
      ],
    ]);
    const namesOf = (leaf: string) => inputsOf(resources, "CertRequest", leaf).dnsNames;
    assert.deepEqual(
      ["influxdb", "telegraf", "telegraf-services"].map((leaf) => namesOf(leaf)[0]),
      ["influxdb.influxdb.svc", "telegraf.telegraf.svc", "telegraf.influxdb.svc"],
    );
  });

  it("fails when retentions contradict each other, before anything is made", async () => {
    const resources = await record(() => {
      assert.throws(
        () => makeInfluxDb({ retentions: [] }),
        new pulumi.RunError("influxdb: retentions: got none; allowed: at least one"),
      );
    });
    assert.deepEqual(objectsIn(resources, "influxdb"), []);
  });
});
