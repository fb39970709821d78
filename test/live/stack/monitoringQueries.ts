import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import { until } from "../../until.ts";
import {
  allDashboards,
  type DashboardQuery,
  queriesOf,
} from "../../workloads/grafana/dashboards.ts";
import type { Stack } from "./fixture.ts";
import { publish, texts } from "./load.ts";
import type { MonitoringApi } from "./monitoringApi.ts";

/** Metrics that are there in trouble alone, and why. */
const inTroubleAlone: Readonly<Record<string, string>> = {
  kube_pod_container_status_last_terminated_reason: "a container that ended, and began anew",
  kube_pod_container_status_waiting_reason: "a container that cannot start",
};

/** Queries that give a series without a number while nothing happens, and why. */
const emptyAtRest: Readonly<Record<string, string>> = {
  "zookeeper: Reading and writing B": "written to when brokers or topics change alone",
  "zookeeper: Writing to disk A": "likewise",
};

/** That nothing is asked for that does not exist: it would never fire, and never be seen. */
export function queries(stack: () => Stack, api: () => MonitoringApi): void {
  /** Publishes some texts: what counts requests is not there while there are none. */
  const send = async () => {
    const some = { way: await stack().wayIn(), texts: texts(`seen-${Date.now()}`, 100) };
    const sent = await publish({ ...some, connections: 4, retries: 3 });
    assert.equal(sent.acknowledged.size, 100);
  };

  it("knows every metric by which alerts, dashboards and runbooks ask", async () => {
    await send();
    const file = join(root, "test/workloads/metricNames.txt");
    const asked = readFileSync(file, "utf8").trim().split("\n");
    assert.ok(asked.length > 100);
    let missing = asked;
    await until("all are known", 120, async () => {
      const known = new Set(await api().prometheus<readonly string[]>("label/__name__/values"));
      missing = asked.filter((name) => !known.has(name) && !(name in inTroubleAlone));
      return missing.length === 0;
    }).catch(() => undefined);
    assert.deepEqual(missing, []);
  });

  /** Whether a query gives a number, or at least a series; rejects when it is refused. */
  async function givesData({ where, source, query }: DashboardQuery): Promise<boolean> {
    if (source === "influxdb") {
      const series = await api().influx(query);
      return series.some(({ values }) => values.some(([, value]) => typeof value === "number"));
    }
    const samples = await api().query(query);
    const numbers = samples.filter(({ value: [, number] }) => !Number.isNaN(Number(number)));
    return (where in emptyAtRest ? samples : numbers).length > 0;
  }

  it("has data for every query of every dashboard", async () => {
    const all = allDashboards().flatMap(queriesOf);
    let open = all;
    await until("each gives data", 180, async () => {
      // Rates and latencies are of the last minutes.
      await send();
      const given = await Promise.all(open.map(givesData));
      open = open.filter((_, index) => !given[index]);
      return open.length === 0;
    }).catch(() => undefined);
    const ofInflux = all.filter(({ source }) => source === "influxdb").length;
    console.log(`      ${all.length} queries, ${ofInflux} of them to InfluxDB`);
    assert.ok(ofInflux > 0);
    assert.deepEqual(
      open.map(({ where, query }) => `${where}: ${query}`),
      [],
    );
    const names = all.map(({ where }) => where);
    assert.deepEqual(
      Object.keys(emptyAtRest).filter((where) => !names.includes(where)),
      [],
    );
  });
}
