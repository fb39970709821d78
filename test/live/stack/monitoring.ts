import assert from "node:assert/strict";
import { WATCHDOG } from "../../../workloads/prometheus/rules.ts";
import { until } from "../../until.ts";
import type { Stack } from "./fixture.ts";
import { access } from "./monitoringAccess.ts";
import { alerts } from "./monitoringAlerts.ts";
import { MonitoringApi } from "./monitoringApi.ts";
import { points } from "./monitoringPoints.ts";
import { queries } from "./monitoringQueries.ts";
import { lineOf } from "./monitoringReceiver.ts";

/** What Prometheus asks, by the rooms that say so. */
const jobs = [
  ...["alertmanager", "kube-state-metrics", "node-exporter", "prometheus"],
  ...["apiserver", "cadvisor", "coredns", "kubelet", "kubelet-resource"],
  ...["influxdb", "telegraf", "telegraf-services"],
  ...["consul", "consul-agent", "zookeeper", "kafka", "kafka-agent", "api", "worker", "edge"],
].sort();

interface Target {
  readonly labels: { readonly job: string; readonly instance: string };
  readonly health: string;
  readonly lastError: string;
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
    }[];
  }[];
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

/** That monitoring sees everything, tells of what breaks, and costs little. */
export function monitoring(stack: () => Stack): void {
  describe("monitoring", () => {
    let opened: MonitoringApi | undefined;
    const api = () => {
      assert.ok(opened, "monitoring cannot be asked");
      return opened;
    };
    before(async () => {
      opened = await MonitoringApi.open(stack());
    });

    it("asks every room, and every target answers", async () => {
      let down: string[] = [];
      let found: string[] = [];
      await until("no target is down", 180, async () => {
        const { activeTargets } = await api().prometheus<{
          readonly activeTargets: readonly Target[];
        }>("targets?state=active");
        down = activeTargets
          .filter(({ health }) => health !== "up")
          .map(({ labels, health, lastError }) => {
            return `${labels.job} ${labels.instance}: ${health} ${lastError}`;
          });
        found = [...new Set(activeTargets.map(({ labels }) => labels.job))].sort();
        return down.length === 0 && `${found}` === `${jobs}`;
      }).catch(() => undefined);
      assert.deepEqual(down, []);
      assert.deepEqual(found, jobs);
    });

    it("evaluates every rule, and nothing fires but what always does", async () => {
      const { groups } = await until("all were evaluated", 60, async () => {
        const all = await api().prometheus<Rules>("rules");
        const healths = all.groups.flatMap(({ rules }) => rules.map(({ health }) => health));
        return !healths.includes("unknown") && all;
      });
      const all = groups.flatMap(({ rules }) => rules);
      console.log(`      ${all.length} rules`);
      assert.ok(all.length > jobs.length);
      assert.deepEqual(
        all.filter(({ health }) => health !== "ok"),
        [],
      );
      let firing: string[] = [];
      await until("nothing else fires", 300, async () => {
        const found = await api().prometheus<{ readonly alerts: readonly Alert[] }>("alerts");
        const lines = found.alerts.filter(({ state }) => state === "firing");
        firing = lines.map(({ labels }) => lineOf(labels)).sort();
        return firing.length === 1;
      }).catch(() => undefined);
      assert.deepEqual(firing, [
        lineOf({ alertname: WATCHDOG, room: "prometheus", severity: "none" }),
      ]);
    });

    queries(stack, api);
    access(stack, api);

    alerts(stack, api);
    // Later, when there are some to be lost.
    describe("InfluxDB", () => points(stack, api));
  });
}
