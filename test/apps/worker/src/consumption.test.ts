import assert from "node:assert/strict";
import { BrokerError } from "../../../../apps/shared/kafka.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Consumption } from "../../../../apps/worker/src/consumption.ts";
import { until } from "../../../until.ts";
import { FakeGroup } from "./fakeGroup.ts";

const options = {
  topic: "t",
  limits: { waitMs: 5, maxBytes: 1000, maxPartitionBytes: 1000 },
  pieceBytes: 1,
  retryMs: 1,
  metadataMs: 5,
};
const log = createLogger("test", "silent", 2);

function setUp(print?: (line: string) => Promise<void>) {
  const group = new FakeGroup();
  const printed: string[] = [];
  const printer = {
    print: async (bytes: Buffer): Promise<void> => {
      await print?.(String(bytes));
      for (const line of String(bytes).trimEnd().split("\n")) {
        printed.push(line.slice("Topic: t ".length));
        group.journal.push(line.slice("Topic: t ".length));
      }
    },
  };
  const observer = { printed: () => {}, committed: () => {}, turned: () => {} };
  const consumption = new Consumption(group, printer, options, observer, log);
  const running = consumption.run();
  running.catch(() => undefined);
  return { group, printed, consumption, running };
}

const joined = (group: FakeGroup): Promise<boolean> =>
  until("it has joined", 2, () => group.events !== undefined);

describe("the consumption", () => {
  it("prints all partitions in order, and commits only what is printed", async () => {
    const { group, printed, consumption, running } = setUp();
    group.texts.set(0, ["a", "b"]).set(1, ["c"]);
    await joined(group);
    group.assign(1, [0, 1]);
    await until(
      "all is committed",
      2,
      () => group.committed.get(0) === 2 && group.committed.get(1) === 1,
    );
    consumption.stop();
    await running;
    assert.deepEqual(printed.sort(), [
      "Partition: 0 Offset: 0 – a",
      "Partition: 0 Offset: 1 – b",
      "Partition: 1 Offset: 0 – c",
    ]);
    for (const line of group.journal.filter((entry) => entry.startsWith("commit"))) {
      const [, partition, offset] = line.split(" ");
      const last = `Partition: ${partition} Offset: ${Number(offset) - 1} `;
      const at = group.journal.findIndex((entry) => entry.startsWith(last));
      assert.ok(at >= 0 && at < group.journal.indexOf(line), `${line} came before its print`);
    }
  });

  it("commits nothing of a piece that is still being printed", async () => {
    let release = (): void => {};
    const { group, consumption, running } = setUp(
      (line) =>
        new Promise((resolve) => {
          release = resolve;
          if (!line.includes("slow")) {
            resolve();
          }
        }),
    );
    group.texts.set(0, ["a", "slow", "b"]);
    await joined(group);
    group.assign(1, [0]);
    await until("the first is committed", 2, () => group.committed.get(0) === 1);
    group.events?.rebalancing();
    assert.equal(group.committed.get(0), 1);
    consumption.stop();
    release();
    await running;
    assert.equal(group.committed.get(0), 2, "what was in hand is committed at the end");
    assert.ok(!group.journal.some((entry) => entry.includes("– b")), "nothing more was taken up");
  });

  it("goes on where it was in a partition that it keeps, and where the group was in one it gains", async () => {
    const { group, printed, consumption, running } = setUp();
    group.texts.set(0, ["a", "b", "c"]).set(1, ["x", "y"]);
    group.committed.set(1, 1);
    await joined(group);
    group.assign(1, [0]);
    await until("three are printed", 2, () => printed.length === 3);
    group.events?.rebalancing();
    group.texts.get(0)?.push("d");
    group.assign(2, [0, 1]);
    await until("two more are printed", 2, () => printed.length === 5);
    consumption.stop();
    await running;
    assert.deepEqual(printed.slice(3).sort(), [
      "Partition: 0 Offset: 3 – d",
      "Partition: 1 Offset: 1 – y",
    ]);
  });

  it("reads again from the committed offset after a generation that it missed", async () => {
    const { group, printed, consumption, running } = setUp();
    group.texts.set(0, ["a", "b"]);
    await joined(group);
    group.assign(1, [0]);
    await until("both are committed", 2, () => group.committed.get(0) === 2);
    group.committed.set(0, 1);
    group.events?.rebalancing();
    group.assign(3, [0]);
    await until("one is printed again", 2, () => printed.length === 3);
    consumption.stop();
    await running;
    assert.equal(printed[2], "Partition: 0 Offset: 1 – b");
  });

  it("does not touch the offsets of a partition that it gave up", async () => {
    const { group, consumption, running } = setUp();
    group.texts.set(0, ["a"]).set(1, ["x"]);
    await joined(group);
    group.assign(1, [0, 1]);
    await until("both are committed", 2, () => group.committed.size === 2);
    group.events?.rebalancing();
    group.committed.set(1, 50);
    group.assign(2, [0]);
    group.texts.get(0)?.push("b");
    await until("the next is committed", 2, () => group.committed.get(0) === 2);
    consumption.stop();
    await running;
    assert.equal(group.committed.get(1), 50);
  });

  it("takes up nothing more of a fetch when its partition was given up and taken again", async () => {
    let release = (): void => {};
    const { group, printed, consumption, running } = setUp((line) =>
      line.includes("slow")
        ? new Promise((resolve) => {
            release = resolve;
          })
        : Promise.resolve(),
    );
    group.texts.set(0, ["slow", "b", "c"]).set(1, ["x"]);
    await joined(group);
    group.assign(1, [0, 1]);
    await until("the other is committed", 2, () => group.committed.get(1) === 1);
    group.events?.rebalancing();
    group.assign(2, [1]);
    group.committed.set(0, 3);
    group.events?.rebalancing();
    group.assign(3, [0, 1]);
    group.texts.get(1)?.push("y");
    await until("it goes on", 2, () => group.committed.get(1) === 2);
    release();
    group.texts.get(0)?.push("d");
    await until("the next is committed", 2, () => group.committed.get(0) === 4);
    consumption.stop();
    await running;
    assert.deepEqual(
      printed.filter((line) => line.startsWith("Partition: 0")),
      ["Partition: 0 Offset: 0 – slow", "Partition: 0 Offset: 3 – d"],
    );
    assert.ok(!group.journal.includes("commit 0 1"), "nor is it committed, which is behind others");
  });

  it("commits again what the coordinator did not take", async () => {
    const { group, consumption, running } = setUp();
    group.commitErrors = [new BrokerError("no", 16), new Error("connection closed")];
    group.texts.set(0, ["a"]);
    await joined(group);
    group.assign(1, [0]);
    await until("it is committed", 2, () => group.committed.get(0) === 1);
    consumption.stop();
    await running;
  });

  it("prints everything once though fetches fail and leaders move", async () => {
    const { group, printed, consumption, running } = setUp();
    group.texts.set(0, ["a", "b"]).set(1, ["x"]);
    group.fetchFailures = 3;
    group.failures.set(1, 6);
    await joined(group);
    group.assign(1, [0, 1]);
    group.leaderList = [1, 0];
    await until(
      "all is committed",
      2,
      () => group.committed.get(0) === 2 && group.committed.get(1) === 1,
    );
    consumption.stop();
    await running;
    assert.equal(printed.length, 3);
  });

  it("starts at the earliest offset when its own is no longer there", async () => {
    const { group, printed, consumption, running } = setUp();
    group.texts.set(0, ["gone", "a"]);
    group.failures.set(0, 1);
    await joined(group);
    group.assign(1, [0]);
    await until("it is printed", 2, () => printed.length === 1);
    consumption.stop();
    await running;
    assert.deepEqual(printed, ["Partition: 0 Offset: 1 – a"]);
  });

  it("joins again when partitions were added", async () => {
    const { group, consumption, running } = setUp();
    await joined(group);
    group.assign(1, [0, 1]);
    await until("the leaders are known", 2, () => consumption.active);
    group.leaderList = [0, 1, 2];
    await until("it joins again", 2, () => group.rejoins === 1);
    consumption.stop();
    await running;
  });

  it("rejects when the membership is lost", async () => {
    const { group, running } = setUp();
    await joined(group);
    group.events?.lost(new Error("the group's coordinator is silent"));
    await assert.rejects(running, { message: "the group's coordinator is silent" });
  });

  it("rejects when the output is gone", async () => {
    const { group, running } = setUp(() => Promise.reject(new Error("EPIPE")));
    group.texts.set(0, ["a"]);
    await joined(group);
    group.assign(1, [0]);
    await assert.rejects(running, { message: "EPIPE" });
  });
});
