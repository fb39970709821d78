import assert from "node:assert/strict";
import { countPartitions, whyNotInSync } from "../../../../apps/kafka-agent/src/health.ts";
import {
  applyTopics,
  type DeclaredTopic,
  parseTopics,
} from "../../../../apps/kafka-agent/src/topics.ts";
import type { AdminLink, ClusterView, PartitionView } from "../../../../apps/shared/kafka.ts";

const declared = [
  { name: "web-greetings", partitions: 2, replicas: 3, config: { "retention.ms": "1000" } },
];

/** A cluster of brokers 0 to `brokers` - 1 that does what it is told. */
class FakeCluster implements AdminLink {
  brokers: number;
  readonly partitions: PartitionView[] = [];
  readonly configs = new Map<string, Map<string, string>>();
  inSyncAfterViews = 0;

  constructor(brokers: number) {
    this.brokers = brokers;
  }

  async view(): Promise<ClusterView> {
    const ids = Array.from({ length: this.brokers }, (_, id) => id);
    const behind = this.inSyncAfterViews-- > 0;
    return {
      controller: 0,
      brokers: new Map(ids.map((id) => [id, { host: "h", port: 1 }])),
      partitions: this.partitions.map((one) => (behind ? { ...one, inSync: [0] } : one)),
    };
  }

  async offsets(): Promise<Map<number, number>> {
    return new Map();
  }

  async committed(): Promise<Map<number, number>> {
    return new Map();
  }

  async createTopic(
    name: string,
    partitions: number,
    replicas: number,
    config: Readonly<Record<string, string>>,
  ): Promise<void> {
    this.configs.set(name, new Map(Object.entries(config)));
    this.#grow(name, 0, partitions, replicas);
  }

  async addPartitions(name: string, count: number): Promise<void> {
    const existing = this.partitions.filter(({ topic }) => topic === name).length;
    this.#grow(name, existing, count, 3);
  }

  async topicConfig(name: string): Promise<ReadonlyMap<string, string>> {
    return new Map(this.configs.get(name));
  }

  async setTopicConfig(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(config)) {
      this.configs.get(name)?.set(key, value);
    }
  }

  async close(): Promise<void> {}

  #grow(topic: string, from: number, to: number, replicas: number): void {
    const nodes = Array.from({ length: replicas }, (_, id) => id);
    for (let partition = from; partition < to; partition++) {
      this.partitions.push({ topic, partition, leader: 0, replicas: nodes, inSync: nodes });
    }
  }
}

async function apply(
  cluster: FakeCluster,
  topics: readonly DeclaredTopic[] = declared,
): Promise<string[]> {
  const lines: string[] = [];
  let now = 0;
  await applyTopics(cluster, topics, {
    deadlineMs: 5000,
    now: () => now,
    pause: async (ms) => {
      now += ms;
    },
    print: (line) => lines.push(line),
  });
  return lines;
}

describe("declared topics", () => {
  it("are created, raised and changed, and left alone the second time", async () => {
    const cluster = new FakeCluster(3);
    assert.deepEqual(await apply(cluster), ["created web-greetings: 2 partitions, 3 replicas"]);
    assert.deepEqual(await apply(cluster), ["unchanged web-greetings"]);
    const config = { "retention.ms": "2000", "min.insync.replicas": "2" };
    const changed = [{ name: "web-greetings", partitions: 5, replicas: 3, config }];
    assert.deepEqual(await apply(cluster, changed), [
      "raised web-greetings: from 2 to 5 partitions",
      "changed web-greetings: retention.ms from 1000 to 2000",
      "changed web-greetings: min.insync.replicas from nothing to 2",
    ]);
    assert.deepEqual(await apply(cluster, changed), ["unchanged web-greetings"]);
  });

  it("are refused, all at once and before anything is done, when they ask for less", async () => {
    const cluster = new FakeCluster(3);
    await apply(cluster);
    const topics = [
      { name: "new", partitions: 1, replicas: 1, config: {} },
      { name: "web-greetings", partitions: 1, replicas: 2, config: {} },
    ];
    await assert.rejects(apply(cluster, topics), {
      message:
        "topic web-greetings: got 1 partitions, allowed: 2 or more, as the number of partitions " +
        "cannot be lowered\ntopic web-greetings: got 2 replicas, allowed: 3, as it was created; " +
        "move them with kafka-reassign-partitions",
    });
    assert.equal(cluster.configs.has("new"), false);
  });

  it("wait for the brokers, and say at the deadline how many there are", async () => {
    await assert.rejects(apply(new FakeCluster(2)), {
      message: "not within 5000 ms: 2 brokers are registered, expected 3 or more",
    });
  });

  it("wait until all replicas are in sync", async () => {
    const cluster = new FakeCluster(3);
    cluster.inSyncAfterViews = 4;
    await apply(cluster);
    assert.equal(cluster.inSyncAfterViews, -1);
    cluster.inSyncAfterViews = 1000;
    await assert.rejects(apply(cluster), {
      message:
        "not within 5000 ms: topic web-greetings has 0 partitions with all 3 replicas in sync, " +
        "expected 2",
    });
  });

  it("are read from JSON, and refused with every fault", () => {
    assert.deepEqual(parseTopics(JSON.stringify(declared)), declared);
    const bad = [{ name: "a b", partitions: 0, replicas: 1.5, config: {}, extra: 1 }];
    assert.throws(
      () => parseTopics(JSON.stringify(bad)),
      (error: Error) => error.message.split("\n").length === 5,
    );
  });
});

describe("the state of a broker", () => {
  const partition = { topic: "t", partition: 0, leader: 0, replicas: [0, 1], inSync: [0, 1] };
  const brokers = new Map([0, 1, 2].map((id) => [id, { host: "h", port: 1 }]));
  const view = (partitions: readonly PartitionView[]): ClusterView => ({
    controller: 0,
    brokers,
    partitions,
  });

  it("is good when it is in sync, or has nothing to be in sync with", () => {
    assert.equal(whyNotInSync(view([partition]), 1), undefined);
    assert.equal(whyNotInSync(view([partition]), 2), undefined);
  });

  it("is bad when it is not registered", () => {
    assert.equal(whyNotInSync(view([partition]), 7), "broker 7 is not registered");
  });

  it("is bad when it is behind, and only its own", () => {
    const behind = view([0, 1, 2, 3].map((n) => ({ ...partition, partition: n, inSync: [0] })));
    const reason = "broker 1 is out of sync in 4 partitions: t-0, t-1, t-2";
    assert.equal(whyNotInSync(behind, 1), reason);
    assert.equal(whyNotInSync(behind, 0), undefined);
  });

  it("counts partitions that lack replicas, and those without a leader", () => {
    const counted = countPartitions(
      view([partition, { ...partition, inSync: [0] }, { ...partition, leader: -1, inSync: [] }]),
    );
    assert.deepEqual(counted, { underReplicated: 2, offline: 1 });
  });
});
