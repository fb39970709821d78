import assert from "node:assert/strict";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Worker } from "../../../../apps/worker/src/worker.ts";
import { until } from "../../../until.ts";
import { FakeGroup } from "./fakeGroup.ts";

const log = createLogger("test", "silent", 2);

/** A worker whose memberships are fakes, one after the other. */
function setUp(changes: { readonly stuckMs?: number; readonly silentMs?: number } = {}) {
  const groups: FakeGroup[] = [];
  const printed: string[] = [];
  let print = async (bytes: Buffer): Promise<void> => {
    printed.push(String(bytes));
  };
  const worker = new Worker(
    {
      openGroup: () => {
        const group = new FakeGroup();
        groups.push(group);
        return group;
      },
      printer: { print: (bytes) => print(bytes) },
      topic: "t",
      limits: { waitMs: 5, maxBytes: 1000, maxPartitionBytes: 1000 },
      pieceBytes: 1,
      retryMs: 1,
      metadataMs: 5,
      firstPauseMs: 1,
      mostPauseMs: 4,
      leaveMs: 20,
      stuckMs: 60_000,
      silentMs: 60_000,
      ...changes,
    },
    { printed: () => {}, committed: () => {}, turned: () => {} },
    log,
  );
  const running = worker.run();
  running.catch(() => undefined);
  /** The membership of that number, from 0, once it has joined. */
  const member = (number: number): Promise<FakeGroup> =>
    until(`membership ${number}`, 2, () => (groups[number]?.events ? groups[number] : undefined));
  const breakOutput = (error: Error): void => {
    print = () => Promise.reject(error);
  };
  return { worker, running, groups, printed, member, breakOutput };
}

describe("the worker", () => {
  it("is ready as long as it takes part in the group", async () => {
    const { worker, running, member } = setUp();
    assert.equal(worker.whyNotReady(), "not a member of the group");
    (await member(0)).assign(1, [0]);
    await until("it is ready", 2, () => worker.whyNotReady() === undefined);
    (await member(0)).events?.rebalancing();
    assert.equal(worker.whyNotReady(), "not a member of the group");
    (await member(0)).assign(2, [0]);
    await until("it is ready again", 2, () => worker.whyNotReady() === undefined);
    worker.stop();
    assert.equal(worker.whyNotReady(), "stopping");
    await running;
  });

  it("is not ready when the coordinator has been silent for long", async () => {
    const { worker, running, member } = setUp({ silentMs: 1000 });
    const group = await member(0);
    group.assign(1, [0]);
    await until("it is ready", 2, () => worker.whyNotReady() === undefined);
    group.heartbeat = Date.now() - 5000;
    assert.match(
      worker.whyNotReady() ?? "",
      /^the group's coordinator is silent for 50[0-9]{2} ms$/,
    );
    group.heartbeat = Date.now();
    assert.equal(worker.whyNotReady(), undefined);
    worker.stop();
    await running;
  });

  it("takes up another membership when one is lost, and leaves the old one", async () => {
    const { worker, running, groups, printed, member } = setUp();
    const first = await member(0);
    first.events?.lost(new Error("the group's coordinator is silent"));
    const second = await member(1);
    assert.equal(first.closed, true);
    second.texts.set(0, ["a"]);
    second.assign(7, [0]);
    await until("it prints", 2, () => printed.length === 1);
    assert.deepEqual(printed, ["Topic: t Partition: 0 Offset: 0 – a\n"]);
    worker.stop();
    await running;
    assert.deepEqual(
      groups.map(({ closed }) => closed),
      [true, true],
    );
    assert.equal(second.committed.get(0), 1);
  });

  it("waits no longer than it may for a group that does not let it go", async () => {
    const { worker, running, member } = setUp();
    const first = await member(0);
    first.close = () => new Promise(() => {});
    first.events?.lost(new Error("lost"));
    await member(1);
    worker.stop();
    await running;
  });

  it("ends when nothing can be printed any more", async () => {
    const { running, groups, member, breakOutput } = setUp();
    breakOutput(Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" }));
    const group = await member(0);
    group.texts.set(0, ["a"]);
    group.assign(1, [0]);
    await assert.rejects(running, { message: "write EPIPE" });
    assert.equal(groups.length, 1);
    assert.equal(group.committed.get(0), undefined);
  });

  it("is alive while its loop turns, and not when it is stuck", async () => {
    const { worker, running, member, groups } = setUp({ stuckMs: 100 });
    const group = await member(0);
    group.leaders = () => new Promise(() => {});
    await until("it is stuck", 5, () => worker.whyNotAlive() !== undefined);
    assert.match(worker.whyNotAlive() ?? "", /^the consumer loop is stuck for [0-9]+ ms$/);
    group.events?.lost(new Error("lost"));
    await until("another turns", 2, () => groups.length > 1 && worker.whyNotAlive() === undefined);
    worker.stop();
    await running;
  });
});
