import assert from "node:assert/strict";
import { names } from "../../../workloads/influxdb/config.ts";
import { until } from "../../until.ts";
import { isReady, type Pod, type Stack } from "./fixture.ts";
import type { MonitoringApi } from "./monitoringApi.ts";

/** Telegraf writes what it has seen some 15 s later; older points stay as they are. */
const SETTLED_MS = 60_000;
/** Points that are looked at before the fault. */
const PAST_MS = 600_000;
/** Seconds between two points: 15, and up to 3 besides so that not all nodes ask at once. */
const MOST_BETWEEN = 20;

/** That what Telegraf wrote outlives InfluxDB's pod, and that nothing is missed meanwhile. */
export function points(stack: () => Stack, api: () => MonitoringApi): void {
  /** Points of the whole processor from one time on to another; milliseconds. */
  const pointsOf = async (from: number, to: number) => {
    const select = `SELECT usage_idle, usage_user FROM cpu WHERE cpu = 'cpu-total'`;
    const series = await api().influx(`${select} AND time >= ${from}ms AND time < ${to}ms`);
    return series.flatMap(({ values }) => values);
  };
  const pod = () => stack().get<Pod>("pod", `${names.service}-0`, "-n", names.namespace);

  it("has every point when InfluxDB's pod was deleted, also those of the time without it", async () => {
    const settled = Date.now() - SETTLED_MS;
    const before = await pointsOf(settled - PAST_MS, settled);
    assert.ok(before.length > 10, `${before.length} points`);
    const old = (await pod()).metadata.uid;
    const begin = Date.now();
    const now = ["--force", "--grace-period=0"];
    await stack().kubectl("delete", "pod", `${names.service}-0`, "-n", names.namespace, ...now);
    await until("another pod is ready", 180, async () => {
      const found = await pod();
      return found.metadata.uid !== old && isReady(found);
    });
    const away = (Date.now() - begin) / 1000;
    // Its service leads to a pod a moment after that is ready.
    const after = await until("it can be asked", 30, () => pointsOf(settled - PAST_MS, settled));
    assert.deepEqual(after, before);
    const ready = Date.now();
    await until("points that are newer", 120, async () => {
      return (await pointsOf(ready, ready + 3_600_000)).length >= 2;
    });
    const times = (await pointsOf(settled, ready + 3_600_000)).map(([time]) => Number(time));
    const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000);
    const longest = Math.max(...gaps);
    console.log(
      `      ${before.length} points kept; InfluxDB away for ${away.toFixed(1)} s, ` +
        `longest time between two points ${longest.toFixed(1)} s`,
    );
    assert.ok(longest <= MOST_BETWEEN, `${longest} s without a point`);
  });
}
