import assert from "node:assert/strict";
import { names as influxNames } from "../../../workloads/influxdb/config.ts";
import { names } from "../../../workloads/prometheus/config.ts";
import { until } from "../../until.ts";
import type { MonitoringApi } from "./monitoringApi.ts";

/** Namespaces of nothing but monitoring. */
const own = [names.namespace, names.nodeNamespace, influxNames.namespace, "telegraf"];

const MIB = 2 ** 20;
/** What all of monitoring may take on a small target: memory in MiB, and a share of one core. */
const MOST_MIB = 1.2 * 1024;
const MOST_CORES = 0.15;
/** Seconds of rest over which that is measured. */
const REST = 120;

/**
 * What monitoring takes, by its own numbers.
 *
 * @param restingSince when the stack was last changed; milliseconds, as of `Date.now`
 */
export function cost(api: () => MonitoringApi, restingSince: () => number): void {
  it("takes little while all is at rest", async () => {
    await until("it has rested", REST + 30, () => Date.now() - restingSince() > REST * 1000);
    const where = `{job="kubelet-resource",namespace=~"${own.join("|")}"}`;
    const memory = `sum(container_memory_working_set_bytes${where})`;
    const cores = `rate(container_cpu_usage_seconds_total${where}[${REST}s])`;
    const by = "by (namespace, pod, container)";
    const each = await api().query(`sum ${by} (${cores})`);
    for (const { metric, value } of each) {
      const { namespace, pod, container } = metric;
      const of = `namespace="${namespace}",pod="${pod}",container="${container}"`;
      const used = await api().number(
        `max_over_time(container_memory_working_set_bytes{job="kubelet-resource",${of}}[${REST}s])`,
      );
      const core = (Number(value[1]) * 100).toFixed(2);
      console.log(`      ${pod} ${container}: ${(used / MIB).toFixed(0)} MiB, ${core} % of a core`);
    }
    const mib = (await api().number(`max_over_time(${memory}[${REST}s:15s])`)) / MIB;
    const core = await api().number(`sum(${cores})`);
    console.log(`      all: ${mib.toFixed(0)} MiB at most, ${(core * 100).toFixed(1)} % of a core`);
    assert.ok(mib <= MOST_MIB, `${mib} MiB`);
    assert.ok(core <= MOST_CORES, `${core} cores`);
  });
}
