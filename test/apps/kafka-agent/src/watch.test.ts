import assert from "node:assert/strict";
import { BrokerWatch } from "../../../../apps/kafka-agent/src/watch.ts";
import type { AdminLink, ClusterView, PartitionView } from "../../../../apps/shared/kafka.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Registry } from "../../../../apps/shared/metrics-server.ts";
import { until } from "../../../until.ts";

const BROKER = 1;
const POLL_MS = 10;

function partition(index: number, leader: number, inSync: readonly number[]): PartitionView {
  return { topic: "t", partition: index, leader, replicas: [0, 1, 2], inSync };
}

/** Three brokers whose state the test gives; `view` may fail, or be held back. */
function setUp(pollMs = POLL_MS) {
  const state = {
    partitions: [partition(0, BROKER, [0, 1, 2]), partition(1, 2, [1, 2]), partition(2, -1, [])],
    view: async (): Promise<ClusterView> => ({
      controller: 2,
      brokers: new Map([0, 1, 2].map((id) => [id, { host: "h", port: 1 }])),
      partitions: state.partitions,
    }),
    polls: 0,
    closed: false,
  };
  const link: Pick<AdminLink, "view" | "offsets" | "close"> = {
    view: () => {
      state.polls++;
      return state.view();
    },
    offsets: async (node, topic, asked, place) => {
      assert.deepEqual([node, topic, place], [BROKER, "t", "end"]);
      return new Map(asked.map((index) => [index, 100 + index]));
    },
    close: async () => {
      state.closed = true;
    },
  };
  const registry = new Registry();
  const log = createLogger("test", "silent", 2);
  const watch = new BrokerWatch(link as AdminLink, BROKER, pollMs, registry, log);
  return { state, registry, watch };
}

describe("the watch of a broker", () => {
  it("is not ready before the first answer", async () => {
    const { watch, state } = setUp();
    assert.equal(watch.whyNotReady(), "the broker was not asked yet");
    state.partitions = [partition(0, BROKER, [1])];
    await watch.poll();
    assert.equal(watch.whyNotReady(), undefined);
    await watch.stop();
    assert.equal(state.closed, true);
  });

  it("says what the broker is behind in, and when it has caught up", async () => {
    const { watch, state } = setUp();
    state.partitions = [partition(0, BROKER, [0, 2])];
    await watch.poll();
    assert.equal(watch.whyNotReady(), "broker 1 is out of sync in 1 partitions: t-0");
    state.partitions = [partition(0, BROKER, [0, 1, 2])];
    await until("it has caught up", 2, () => watch.whyNotReady() === undefined);
    await watch.stop();
  });

  it("goes on asking a broker that does not answer", async () => {
    const { watch, state } = setUp();
    const { view } = state;
    state.view = () => Promise.reject(new Error("connection refused"));
    await watch.poll();
    assert.equal(watch.whyNotReady(), "the broker does not answer: connection refused");
    assert.equal(watch.whyNotAlive(), undefined);
    state.partitions = [];
    state.view = view;
    await until("it answers", 2, () => watch.whyNotReady() === undefined);
    await watch.stop();
  });

  it("trusts no old answer, and is not alive when it is stuck", async () => {
    const { watch, state } = setUp();
    state.partitions = [];
    await watch.poll();
    state.view = () => new Promise(() => {});
    await until("the answer is old", 2, () => watch.whyNotReady() !== undefined);
    assert.match(watch.whyNotReady() ?? "", /^the last answer is [0-9]+ ms old$/);
    await until("it is stuck", 2, () => watch.whyNotAlive() !== undefined);
    assert.match(watch.whyNotAlive() ?? "", /^no poll for [0-9]+ ms$/);
    await watch.stop();
  });

  it("measures the cluster, and of partitions those that the broker leads", async () => {
    const { watch, registry, state } = setUp();
    await watch.poll();
    const values = async (): Promise<string[]> =>
      (await registry.metrics()).split("\n").filter((line) => line && !line.startsWith("#"));
    assert.deepEqual(await values(), [
      "kafka_cluster_brokers 3",
      "kafka_cluster_controller_id 2",
      "kafka_cluster_under_replicated_partitions 2",
      "kafka_cluster_offline_partitions 1",
      'kafka_partition_in_sync_replicas{topic="t",partition="0"} 3',
      'kafka_partition_end_offset{topic="t",partition="0"} 100',
    ]);
    state.partitions = [partition(1, BROKER, [0, 1])];
    await until("it is measured again", 2, async () => (await values())[2]?.endsWith(" 1"));
    assert.deepEqual((await values()).slice(-2), [
      'kafka_partition_in_sync_replicas{topic="t",partition="1"} 2',
      'kafka_partition_end_offset{topic="t",partition="1"} 101',
    ]);
    await watch.stop();
  });

  it("asks nothing more once it is stopped, be it in the middle of a question", async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const { watch, state } = setUp();
    // The test's own deadline is set once its first turn is over.
    await new Promise((resolve) => setImmediate(resolve));
    const before = timers();
    await watch.poll();
    assert.equal(timers(), before + 1);
    await watch.stop();
    assert.equal(timers(), before);
    const other = setUp();
    let answer = (): void => {};
    other.state.view = () =>
      new Promise((resolve) => {
        answer = () => void state.view().then(resolve);
      });
    const polling = other.watch.poll();
    await other.watch.stop();
    answer();
    await polling;
    assert.equal(timers(), before);
  });
});
