import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alertsOf as consulAlerts } from "../../workloads/consul/alerts.ts";
import { alerts as edgeAlerts } from "../../workloads/edge/alerts.ts";
import { alerts as greetingsAlerts } from "../../workloads/greetings/alerts.ts";
import { alerts as influxdbAlerts } from "../../workloads/influxdb/alerts.ts";
import { alertsOf as kafkaAlerts } from "../../workloads/kafka/alerts.ts";
import type { AlertRule } from "../../workloads/kit/monitor.ts";
import { kubernetesAlerts, ownAlerts, targetMissing } from "../../workloads/prometheus/alerts.ts";
import { alerts as zookeeperAlerts } from "../../workloads/zookeeper/alerts.ts";
import { allDashboards, queriesOf } from "./grafana/dashboards.ts";
import { metricsOf } from "./promql.ts";

/** Alerts by the room that has them. */
const rooms: Readonly<Record<string, readonly AlertRule[]>> = {
  consul: consulAlerts(3),
  edge: edgeAlerts,
  greetings: greetingsAlerts,
  influxdb: influxdbAlerts,
  kafka: kafkaAlerts(3),
  prometheus: [...kubernetesAlerts, ...ownAlerts, targetMissing("mill")],
  zookeeper: zookeeperAlerts,
};
const committed = join(__dirname, "metricNames.txt");

/** Queries that runbooks have people ask. */
function ofRunbooks(): string[] {
  const folder = join(__dirname, "../../docs/runbooks");
  const pages = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const asked = pages.flatMap((page) => [...page.matchAll(/make query promql='([^']+)'/g)]);
  assert.ok(asked.length > 20);
  return asked.map(([, query = ""]) => query);
}

/** Metrics that are asked for, sorted. */
function asked(): string[] {
  const alerts = Object.values(rooms).flatMap((rules) => rules.map(({ expr }) => expr));
  const queries = allDashboards().flatMap(queriesOf);
  const panels = queries.filter(({ source }) => source === "prometheus").map((of) => of.query);
  return [...new Set([...alerts, ...panels, ...ofRunbooks()].flatMap(metricsOf))].sort();
}

describe("the names of metrics", () => {
  it("are of every room that has alerts", () => {
    const workloads = join(__dirname, "../../workloads");
    const having = readdirSync(workloads).filter((room) =>
      existsSync(join(workloads, room, "alerts.ts")),
    );
    assert.deepEqual(Object.keys(rooms), having.sort());
  });

  // A live stack is asked for each of them: what is written wrong here is an alert that never fires.
  it("that alerts, dashboards and runbooks use are what is committed (UPDATE_METRICS=1 writes it anew)", () => {
    const text = `${asked().join("\n")}\n`;
    if (process.env.UPDATE_METRICS) writeFileSync(committed, text);
    assert.equal(text, readFileSync(committed, "utf8"));
  });
});
