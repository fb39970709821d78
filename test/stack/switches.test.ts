import assert from "node:assert/strict";
import { type Run, run, settingsOf } from "./program.ts";
import { inputs, isKubernetes } from "./workloads.ts";

const monitoring = /prometheus|alertmanager|grafana|influx|telegraf|node-metrics|consul-login/;

/** `type name` of everything, but for the stack itself. */
const all = ({ resources }: Run) => resources.map(({ type, name }) => `${type} ${name}`);

/** Names of what is of monitoring, and namespaces and labels that speak of it. */
function traces({ resources }: Run): string[] {
  return resources.flatMap((resource) => {
    const { metadata } = isKubernetes(resource) ? inputs(resource) : { metadata: {} };
    const found = [resource.type, resource.name, JSON.stringify(metadata ?? {})];
    return found.some((text) => monitoring.test(text)) ? [`${resource.type} ${resource.name}`] : [];
  });
}

const off = { prometheus: false, influxdb: false, grafana: false };

describe("workloads that are switched off", () => {
  let whole: Run;
  const dev = (workloads: object) => run({ ...settingsOf("dev"), workloads });

  before(async () => {
    whole = await dev({});
  });

  it("leave nothing behind, where all of them are", async () => {
    const without = await dev(off);
    assert.ok(traces(whole).length > 100, `${traces(whole).length} of monitoring`);
    assert.deepEqual(traces(without), []);
    assert.deepEqual(
      all(without),
      all(whole).filter((one) => !traces(whole).includes(one)),
    );
    const { interfaces, logins, endpoints } = without.outputs as Record<string, object>;
    assert.deepEqual(Object.keys(interfaces ?? {}), ["consul"]);
    assert.deepEqual(Object.keys(logins ?? {}), ["consul"]);
    assert.deepEqual(Object.keys(endpoints ?? {}), ["consul", "zookeeper", "kafka"]);
  });

  it("leave no way in to metrics that nobody asks for", async () => {
    const ways = ({ resources }: Run) =>
      resources
        .filter(({ type }) => type.endsWith(":NetworkPolicy"))
        .filter((one) => JSON.stringify(inputs(one).spec.ingress ?? []).includes("-metrics"))
        .map(({ name }) => name);
    assert.ok(ways(whole).length > 10);
    assert.deepEqual(ways(await dev(off)), []);
    assert.deepEqual(ways(await dev({ prometheus: false, grafana: false })), [
      "telegraf-services-asks-kafka-agent",
      "telegraf-services-asks-zookeeper",
    ]);
  });

  it("give nobody a right in Consul", async () => {
    const without = await dev(off);
    const acl = ({ resources }: Run) =>
      resources.filter(({ type, name }) => type.endsWith(":ConfigMap") && name === "consul-set-up");
    assert.match(JSON.stringify(acl(whole)), /prometheus/);
    assert.doesNotMatch(JSON.stringify(acl(without)), /prometheus/);
  });

  it("leave Prometheus no target, rule or way to InfluxDB, where that alone is", async () => {
    const { resources } = await dev({ influxdb: false });
    const ofPrometheus = JSON.stringify(resources.filter(({ name }) => name === "prometheus"));
    assert.match(ofPrometheus, /KafkaUnderReplicated/);
    assert.doesNotMatch(ofPrometheus, /influx|telegraf/i);
    const grafana = resources.filter(({ name }) => name.startsWith("grafana"));
    assert.ok(grafana.length > 10);
    assert.doesNotMatch(JSON.stringify(grafana), /influxdb\.svc|"uid\\*":\\*"influxdb/);
    assert.match(
      JSON.stringify(whole.resources.filter(({ name }) => name.startsWith("grafana"))),
      /influxdb\.svc[\s\S]*"uid\\*":\\*"influxdb/,
    );
  });

  it("leave Prometheus as it is, where it is Grafana alone", async () => {
    const without = await dev({ grafana: false });
    const ofGrafana = (one: string) => / grafana/.test(one);
    assert.deepEqual(
      all(without),
      all(whole).filter((one) => !ofGrafana(one)),
    );
    assert.deepEqual(all(without).filter(ofGrafana), []);
  });
});
