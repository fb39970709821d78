import assert from "node:assert/strict";
import type { Base, BaseOptions, Connection } from "@platformatic/kafka";
import { BrokerError, Router } from "../../../../apps/shared/kafka/client.ts";
import { viewOver } from "../../../../apps/shared/kafka/metadata.ts";

const LEADER_NOT_AVAILABLE = 5;
const brokers = [
  { nodeId: 0, host: "kafka-0", port: 9093, rack: null },
  { nodeId: 2, host: "kafka-2", port: 9093, rack: null },
];

function partition(partitionIndex: number, leaderId: number, errorCode = 0) {
  return { partitionIndex, leaderId, replicaNodes: [0, 1], isrNodes: [leaderId], errorCode };
}

const response = {
  controllerId: 2,
  brokers,
  topics: [
    {
      name: "t",
      errorCode: 0,
      partitions: [partition(1, 2), partition(0, 1, LEADER_NOT_AVAILABLE)],
    },
  ],
};

/** A connection that answers every request alike, once it has heard it. */
function connection(answer: unknown, error: Error | null = null): Connection {
  const send = (...args: unknown[]): void => {
    const done = args.at(-1) as (error: Error | null, answer: unknown) => void;
    done(error, answer);
  };
  return { send } as unknown as Connection;
}

/** A client that hands out one connection, and notes whom it would have asked. */
function client(to: Connection) {
  const asked: unknown[] = [];
  const connections = {
    getFirstAvailable: async (from: unknown[]) => {
      asked.push(from);
      return to;
    },
    get: async (broker: unknown) => broker,
  };
  return { asked, client: { connections } as unknown as Base<BaseOptions> };
}

const settings = { brokers: ["a:1", "b:2"], tls: undefined, clientId: "test" };

describe("the view of a cluster", () => {
  const expected = {
    controller: 2,
    brokers: new Map([
      [0, { host: "kafka-0", port: 9093 }],
      [2, { host: "kafka-2", port: 9093 }],
    ]),
    partitions: [
      { topic: "t", partition: 1, leader: 2, replicas: [0, 1], inSync: [2] },
      { topic: "t", partition: 0, leader: -1, replicas: [0, 1], inSync: [1] },
    ],
  };

  it("has no leader where the leader is not among the brokers", async () => {
    assert.deepEqual(await viewOver(connection(response), ["t"]), expected);
  });

  it("is good though the client takes a partition without a leader for a failure", async () => {
    const failed = Object.assign(new Error("leader not available"), { response });
    assert.deepEqual(await viewOver(connection(undefined, failed), ["t"]), expected);
  });

  it("fails when nobody answers", async () => {
    const lost = new Error("connection closed");
    await assert.rejects(viewOver(connection(undefined, lost), null), { message: lost.message });
  });
});

describe("the way to the leaders of a topic", () => {
  it("is asked of the brokers that are known, and then of those of the settings", async () => {
    const { asked, client: fake } = client(connection(response));
    const router = new Router(fake, settings, "t");
    assert.deepEqual(await router.leaders(), [-1, 2]);
    await router.leaders();
    const listed = [
      { host: "a", port: 1 },
      { host: "b", port: 2 },
    ];
    const known = brokers.map(({ host, port }) => ({ host, port }));
    assert.deepEqual(asked, [listed, [...known, ...listed]]);
    assert.deepEqual(await router.connect(2), { host: "kafka-2", port: 9093 });
  });

  it("fails for a broker that was not named, and before any was", async () => {
    const router = new Router(client(connection(response)).client, settings, "t");
    await assert.rejects(router.connect(2), { message: "broker 2 is not in the metadata" });
    await router.leaders();
    await assert.rejects(router.connect(1), { message: "broker 1 is not in the metadata" });
  });

  it("fails for a topic that does not exist", async () => {
    const none = connection({ ...response, topics: [] });
    const router = new Router(client(none).client, settings, "t");
    await assert.rejects(router.leaders(), { message: "topic t does not exist" });
  });
});

describe("an error of a broker", () => {
  it("has its number and its name", () => {
    const error = new BrokerError("fetch from broker 1 failed", 6);
    assert.equal(
      error.message,
      "fetch from broker 1 failed: the broker answered NOT_LEADER_OR_FOLLOWER (6)",
    );
    assert.deepEqual([error.code, error.id], [6, "NOT_LEADER_OR_FOLLOWER"]);
    assert.equal(new BrokerError("x", 31_999).id, "UNKNOWN_SERVER_ERROR");
  });
});
