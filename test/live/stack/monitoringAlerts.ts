import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { WATCHDOG } from "../../../workloads/prometheus/rules.ts";
import { until } from "../../until.ts";
import type { Stack } from "./fixture.ts";
import type { MonitoringApi } from "./monitoringApi.ts";
import { cost } from "./monitoringCost.ts";
import { type Fault, faultsOf } from "./monitoringFaults.ts";
import { AlertReceiver, lineOf } from "./monitoringReceiver.ts";
import { SmallVolume } from "./monitoringVolume.ts";

/** Seconds that an alert may take to get to people, and that all may take until they are over. */
const DELIVERED = 420;
const RESOLVED = 600;

const secondsSince = (begin: number) => ((Date.now() - begin) / 1000).toFixed(0);

/** The setting that leads alerts to a receiver; the stack takes URLs encrypted, or not at all. */
async function settingsFor(stack: Stack, { receivers }: AlertReceiver) {
  const key = "web-greetings:alertReceivers";
  const file = stack.settings({ alertReceivers: receivers });
  const set = ["config", "set", "--secret", "--stack", "dev", "--config-file", file, "--path"];
  for (const [index, { url }] of receivers.entries()) {
    await stack.ask("pulumi", ...set, `${key}[${index}].url`, url);
  }
  return { alertReceivers: parse(readFileSync(file, "utf8")).config[key] };
}

/** That people get to know of what breaks, and of its end: five faults at the same time. */
export function alerts(stack: () => Stack, api: () => MonitoringApi): void {
  describe("alerts", () => {
    let restingSince = 0;
    let receiver: AlertReceiver;
    let volume: SmallVolume | undefined;
    let faults: readonly Fault[] = [];
    let broken = false;

    const repair = async () => {
      broken = false;
      await Promise.all(faults.map((fault) => fault.end()));
      volume = undefined;
    };

    before(async () => {
      receiver = await AlertReceiver.open(stack());
      await stack().up(await settingsFor(stack(), receiver));
      volume = await SmallVolume.make(stack());
      faults = faultsOf(stack(), volume);
      restingSince = Date.now();
    });
    after(async () => {
      try {
        if (broken) await repair();
        await volume?.remove();
      } finally {
        receiver?.close();
      }
    });

    it("tell the dead man's switch, which hears of nothing else, that they are on their way", async () => {
      await until("it was told", 300, () => receiver.switched.length > 0);
      assert.deepEqual([...receiver.last().keys()], []);
    });

    // What it waited for was rest.
    cost(api, () => restingSince);

    it("of five faults at the same time get to a receiver, with the labels that they should have", async () => {
      broken = true;
      const told = faults.map(async (fault) => {
        const begin = Date.now();
        await fault.begin();
        const { alertname } = fault.labels;
        const { at, annotations } = await until(`${alertname} is posted`, DELIVERED, () =>
          receiver.firing(alertname),
        );
        const seconds = ((at - begin) / 1000).toFixed(0);
        console.log(`      ${fault.what}: ${alertname} after ${seconds} s: ${annotations.summary}`);
      });
      const ended = await Promise.allSettled(told);
      const all = [...receiver.last().keys()].sort();
      console.log(`      all that were posted:\n        ${all.join("\n        ")}`);
      assert.deepEqual(
        ended.flatMap((one) => (one.status === "rejected" ? [`${one.reason}`] : [])),
        [],
      );
      for (const { labels } of faults) {
        assert.deepEqual(receiver.firing(labels.alertname)?.labels, labels);
      }
      assert.equal(receiver.firing(WATCHDOG), undefined);
    });

    it("are said to be over when all is well again", async () => {
      const begin = Date.now();
      await repair();
      console.log(`      put right after ${secondsSince(begin)} s`);
      const open = () =>
        [...receiver.last()].filter(([, { status }]) => status === "firing").map(([line]) => line);
      const told = receiver.switched.length;
      assert.ok(told >= 2, `the dead man's switch was told ${told} times`);
      await until("all are resolved", RESOLVED, () => open().length === 0).catch(() => undefined);
      assert.deepEqual(open(), []);
      for (const { labels } of faults) {
        const { at = 0, status } = receiver.last().get(lineOf(labels)) ?? {};
        assert.equal(status, "resolved");
        const seconds = ((at - begin) / 1000).toFixed(0);
        console.log(`      ${labels.alertname} resolved ${seconds} s after the repair began`);
      }
    });
  });
}
