import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { CountedLoads } from "./counted.ts";
import { type AppName, apps, isReady, type Stack } from "./fixture.ts";
import { publish, texts } from "./load.ts";
import { allReady, Scale } from "./scale.ts";

const brokers = ["kafka-0", "kafka-1", "kafka-2"];

/** What is lost when pods go, counted: every 201 must be printed by a Worker. */
export function availability(stack: () => Stack): void {
  describe("while pods go", () => {
    let loads: CountedLoads;
    before(async () => {
      loads = await CountedLoads.open(stack());
    });
    after(() => loads?.close());

    const ready = (app: AppName, count: number, seconds: number) =>
      allReady(stack(), app, count, seconds);

    it("loses no acknowledged text while each broker in turn is deleted", async () => {
      const { acknowledged, lost } = await loads.during("broker", 5000, 3, async () => {
        for (const broker of brokers) {
          await stack().kubectl("delete", "pod", "-n", "kafka", broker, "--wait=false");
          await until(`${broker} is gone`, 60, async () => {
            const pods = await stack().pods("kafka");
            return !pods.filter(isReady).some(({ metadata }) => metadata.name === broker);
          });
          await ready("kafka", 3, 180);
        }
      });
      assert.ok(acknowledged.size >= 5000, `${acknowledged.size} acknowledged`);
      assert.equal(lost, 0);
    });

    it("loses no acknowledged text while the Workers go from 1 to 3 to 1", async () => {
      const workers = await Scale.of(stack(), "worker");
      const { lost } = await loads
        .during("workers", 3000, 3, async () => {
          await workers.to(3);
          await workers.to(1);
        })
        .finally(() => workers.free());
      assert.equal(lost, 0);
      assert.deepEqual(loads.printed.strange, []);
    });

    it("fails no request that is tried once more while a pod of the API is killed", async () => {
      const { failed, lost } = await loads.during("api", 3000, 1, async () => {
        const [pod] = await stack().pods("api");
        await stack().kubectl(
          "delete",
          "pod",
          "-n",
          "greetings",
          pod?.metadata.name ?? "",
          "--grace-period=0",
          "--force",
        );
        await ready("api", 2, 120);
      });
      assert.deepEqual({ failed, lost }, { failed: 0, lost: 0 });
    });

    it("is back with the data within 120 s after all of ZooKeeper and Kafka are deleted", async () => {
      const { way, printed } = loads;
      const sent = texts("before", 1000);
      const before = await publish({ way, texts: sent, connections: 16, retries: 3 });
      const names = ["kafka", "zookeeper"] as const;
      const uids = async () => {
        const pods = await Promise.all(names.map((app) => stack().pods(app)));
        return pods.flat().map(({ metadata }) => metadata.uid);
      };
      const old = new Set(await uids());
      const begin = Date.now();
      await Promise.all(
        names.map((app) => {
          const { namespace, selector } = apps[app];
          const all = ["delete", "pod", "-n", namespace, "-l", selector];
          return stack().kubectl(...all, "--force", "--grace-period=0");
        }),
      );
      await until("none of the old pods", 60, async () =>
        (await uids()).every((uid) => !old.has(uid)),
      );
      await until("an acknowledged text", 120, async () => {
        const [text] = texts(`back-${Date.now()}`, 1);
        const one = { way, texts: [text ?? ""], connections: 1, retries: 0 };
        return (await publish(one)).acknowledged.size === 1;
      });
      const seconds = (Date.now() - begin) / 1000;
      const missing = () => printed.missing(before.acknowledged);
      await until("what was there before", 60, async () => missing() === 0).catch(() => undefined);
      console.log(
        `      back after ${seconds.toFixed(1)} s, lost ${missing()} of ${before.acknowledged.size}`,
      );
      assert.deepEqual([before.acknowledged.size, missing()], [1000, 0]);
      assert.ok(seconds <= 120, `${seconds} s`);
      await Promise.all(names.map((app) => ready(app, 3, 180)));
    });
  });
}
