import assert from "node:assert/strict";
import { GroupLag, type LagLink, type Reader } from "../../../../apps/kafka-agent/src/lag.ts";
import type { PartitionView } from "../../../../apps/shared/kafka.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Registry } from "../../../../apps/shared/metrics-server.ts";
import { until } from "../../../until.ts";

const BROKER = 1;

function partition(topic: string, index: number, leader: number): PartitionView {
  return { topic, partition: index, leader, replicas: [0, 1, 2], inSync: [0, 1, 2] };
}

/** A cluster in which the test says who has read what. */
function setUp(readers: readonly Reader[] = [{ group: "g", topic: "t" }]) {
  const state = {
    partitions: [partition("t", 0, BROKER), partition("t", 1, 2), partition("t", 2, BROKER)],
    /** Next offset that a group has committed, by group and partition. */
    committed: { g: new Map([[0, 90]]) } as Readonly<Record<string, ReadonlyMap<number, number>>>,
    failure: undefined as Error | undefined,
    asked: [] as string[],
    closed: false,
  };
  const link: LagLink = {
    view: async () => {
      if (state.failure) throw state.failure;
      return { controller: 0, brokers: new Map(), partitions: state.partitions };
    },
    committed: async (group, topic, partitions) => {
      state.asked.push(`${group} of ${topic}: ${partitions}`);
      return state.committed[group] ?? new Map();
    },
    offsets: async (node, topic, partitions, place) => {
      state.asked.push(`${place} of ${topic} at ${node}: ${partitions}`);
      const base = place === "end" ? 100 : 10;
      return new Map(partitions.map((index) => [index, base + index]));
    },
    close: async () => {
      state.closed = true;
    },
  };
  const registry = new Registry();
  const log = createLogger("test", "silent", 2);
  const lag = new GroupLag(link, { broker: BROKER, readers, pollMs: 10 }, registry, log);
  const values = async (): Promise<string[]> =>
    (await registry.metrics())
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => line.replace("kafka_consumer_group_lag", ""));
  return { state, lag, values };
}

describe("the lag of consumer groups", () => {
  it("is what is left of the partitions that the broker leads, all of it where none was read", async () => {
    const { lag, values, state } = setUp();
    await lag.poll();
    assert.deepEqual(await values(), [
      '{group="g",topic="t",partition="0"} 10',
      '{group="g",topic="t",partition="2"} 90',
    ]);
    // What was committed first: nobody has read what is not there.
    assert.deepEqual(state.asked.slice(0, 3), [
      "g of t: 0,2",
      "end of t at 1: 0,2",
      "begin of t at 1: 2",
    ]);
    await lag.stop();
    assert.equal(state.closed, true);
  });

  it("is of each group by itself", async () => {
    const { lag, values, state } = setUp([
      { group: "g", topic: "t" },
      { group: "h", topic: "t" },
    ]);
    state.partitions = [partition("t", 0, BROKER), partition("other", 0, BROKER)];
    state.committed = { g: new Map([[0, 100]]), h: new Map([[0, 40]]) };
    await lag.poll();
    assert.deepEqual(await values(), [
      '{group="g",topic="t",partition="0"} 0',
      '{group="h",topic="t",partition="0"} 60',
    ]);
    await lag.stop();
  });

  it("is not less than nothing, as for a topic that was made anew", async () => {
    const { lag, values, state } = setUp();
    state.partitions = [partition("t", 0, BROKER)];
    state.committed = { g: new Map([[0, 5000]]) };
    await lag.poll();
    assert.deepEqual(await values(), ['{group="g",topic="t",partition="0"} 0']);
    await lag.stop();
  });

  it("goes with the leader, and has no old value while nobody answers", async () => {
    const { lag, values, state } = setUp();
    await lag.poll();
    state.partitions = [partition("t", 2, BROKER)];
    await until("one is led", 2, async () => (await values()).length === 1);
    assert.deepEqual(await values(), ['{group="g",topic="t",partition="2"} 90']);
    state.failure = new Error("no coordinator");
    await until("nothing is known", 2, async () => (await values()).length === 0);
    state.failure = undefined;
    await until("it is known again", 2, async () => (await values()).length === 1);
    await lag.stop();
  });

  it("asks about nothing that the broker does not lead", async () => {
    const { lag, state, values } = setUp();
    state.partitions = [partition("t", 1, 2)];
    await lag.poll();
    assert.deepEqual([state.asked, await values()], [[], []]);
    await lag.stop();
  });

  it("is measured no more once it is stopped, be it in the middle of a question", async () => {
    const { lag, state } = setUp();
    const polling = lag.poll();
    await lag.stop();
    await polling;
    const { length } = state.asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(state.asked.length, length);
  });
});
