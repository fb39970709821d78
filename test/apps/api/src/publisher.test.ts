import assert from "node:assert/strict";
import fc from "fast-check";
import { Publisher } from "../../../../apps/api/src/publisher.ts";
import { PublishError } from "../../../../apps/api/src/publishing.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { FakeBrokers } from "./fakeBrokers.ts";
import { ManualClock } from "./manualClock.ts";

const options = {
  deadlineMs: 1000,
  maxPending: 50,
  maxPendingBytes: 1000,
  maxBatchBytes: 100,
  lingerMs: 5,
  retryMs: 100,
  metadataMs: 30_000,
};
const log = createLogger("test", "silent", 2);

async function setUp(changes: Partial<typeof options> = {}) {
  const clock = new ManualClock();
  const brokers = new FakeBrokers();
  const publisher = new Publisher(brokers, { ...options, ...changes }, log, clock);
  publisher.start();
  await clock.pass(1);
  return { clock, brokers, publisher };
}

/** Publishes and notes what came of it: `ok`, or the reason. */
function publish(publisher: Publisher, text: string, results: Map<string, string>): void {
  publisher.publish(Buffer.from(text)).then(
    () => results.set(text, "ok"),
    (error: unknown) => results.set(text, error instanceof PublishError ? error.reason : "other"),
  );
}

describe("the publisher", () => {
  it("goes round the partitions text by text", async () => {
    const { clock, brokers, publisher } = await setUp();
    const results = new Map<string, string>();
    for (let i = 0; i < 7; i++) {
      publish(publisher, `t${i}`, results);
    }
    await clock.pass(10);
    assert.deepEqual([...brokers.log].sort(), [
      [0, ["t0", "t3", "t6"]],
      [1, ["t1", "t4"]],
      [2, ["t2", "t5"]],
    ]);
    assert.deepEqual([...results.values()], Array(7).fill("ok"));
  });

  it("has one request in flight to a leader, and the next carries all that came meanwhile", async () => {
    const { clock, brokers, publisher } = await setUp();
    brokers.leaderList = [0, 0, 0];
    let release = (): void => {};
    brokers.answer = async (_leader, batches) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return batches.map((batch) => brokers.append(batch));
    };
    await clock.pass(options.metadataMs + 200);
    const results = new Map<string, string>();
    publish(publisher, "first", results);
    await clock.pass(1);
    for (let i = 0; i < 10; i++) {
      publish(publisher, `t${i}`, results);
    }
    await clock.pass(20);
    assert.deepEqual(
      brokers.requests.map(({ texts }) => texts.length),
      [1],
    );
    release();
    await clock.pass(20);
    assert.deepEqual(
      brokers.requests.map(({ texts }) => texts.length),
      [1, 10],
    );
    assert.equal(brokers.mostInFlight, 1);
    release();
    await clock.pass(1);
    assert.equal(results.size, 11);
  });

  it("waits a moment for as many texts as the last request carried, and no longer", async () => {
    const { clock, brokers, publisher } = await setUp();
    brokers.leaderList = [0, 0, 0];
    await clock.pass(options.metadataMs + 200);
    const results = new Map<string, string>();
    for (let i = 0; i < 3; i++) {
      publish(publisher, `t${i}`, results);
    }
    await clock.pass(0);
    assert.equal(brokers.requests.length, 1);
    publish(publisher, "alone", results);
    await clock.pass(options.lingerMs - 1);
    assert.equal(brokers.requests.length, 1);
    await clock.pass(1);
    assert.deepEqual(brokers.requests[1]?.texts, ["alone"]);
    publish(publisher, "next", results);
    await clock.pass(0);
    assert.deepEqual(brokers.requests[2]?.texts, ["next"]);
  });

  it("keeps every acknowledged text once and in order, whatever the brokers answer", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(0, 0, 0, 6, 7, 19, 46, "lost", "dropped", 45, 10), {
          maxLength: 25,
        }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
        async (faults, sizes) => {
          const { clock, brokers, publisher } = await setUp();
          brokers.answer = async (_leader, batches) => {
            const fault = faults.shift() ?? 0;
            if (fault === "dropped") {
              throw new Error("the request was lost");
            }
            if (fault === 0 || fault === 46 || fault === "lost") {
              const outcomes = batches.map((batch) => brokers.append(batch));
              if (fault === "lost") {
                throw new Error("the answer was lost");
              }
              return outcomes;
            }
            return batches.map(({ partition }) => ({ partition, code: Number(fault) }));
          };
          const results = new Map<string, string>();
          let number = 0;
          for (const size of sizes) {
            for (let i = 0; i < size; i++) {
              publish(publisher, `t${String(number++).padStart(4, "0")}`, results);
            }
            await clock.pass(30);
          }
          await clock.pass(20_000);
          assert.equal(results.size, number);
          const kept = [...brokers.log.values()].flat();
          assert.equal(new Set(kept).size, kept.length, "a text is there twice");
          for (const [text, result] of results) {
            assert.ok(result !== "ok" || kept.includes(text), `${text} is lost`);
          }
          assert.equal(publisher.pending, 0);
          assert.equal(publisher.pendingBytes, 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("answers unavailable at the deadline while the brokers are away, and never before it ok", async () => {
    const { clock, brokers, publisher } = await setUp();
    brokers.away = true;
    const results = new Map<string, string>();
    for (let i = 0; i < 6; i++) {
      publish(publisher, `t${i}`, results);
    }
    await clock.pass(options.deadlineMs - 100);
    assert.equal(results.size, 0);
    assert.equal(publisher.obstacle, "no broker answers");
    await clock.pass(200);
    assert.deepEqual([...results.values()], Array(6).fill("unavailable"));
    brokers.away = false;
    await clock.pass(5000);
    publish(publisher, "after", results);
    await clock.pass(50);
    assert.equal(results.get("after"), "ok");
    assert.equal(publisher.obstacle, undefined);
  });

  it("passes over a partition whose leader fails, and takes along what was not sent", async () => {
    const { clock, brokers, publisher } = await setUp();
    brokers.answer = async (leader, batches) => {
      if (leader === 1) {
        throw new Error("connection refused");
      }
      return batches.map((batch) => brokers.append(batch));
    };
    const results = new Map<string, string>();
    for (let i = 0; i < 6; i++) {
      publish(publisher, `a${i}`, results);
    }
    await clock.pass(20);
    for (let i = 0; i < 30; i++) {
      publish(publisher, `b${i}`, results);
    }
    await clock.pass(options.deadlineMs - 200);
    const open = [...results].filter(([text]) => text.startsWith("b"));
    assert.deepEqual(
      open.map(([, result]) => result),
      Array(30).fill("ok"),
    );
  });

  it("follows a partition to its new leader with the same batch", async () => {
    const { clock, brokers, publisher } = await setUp();
    brokers.answer = async (leader, batches) =>
      leader === 1
        ? batches.map(({ partition }) => ({ partition, code: 6 }))
        : batches.map((batch) => brokers.append(batch));
    const results = new Map<string, string>();
    for (let i = 0; i < 3; i++) {
      publish(publisher, `t${i}`, results);
    }
    await clock.pass(10);
    assert.equal(results.get("t1"), undefined);
    brokers.leaderList = [0, 2, 2];
    await clock.pass(300);
    assert.equal(results.get("t1"), "ok");
    assert.deepEqual(brokers.log.get(1), ["t1"]);
  });

  it("refuses at once when too many texts, or too many bytes, are on their way", async () => {
    const { clock, brokers, publisher } = await setUp();
    brokers.away = true;
    const results = new Map<string, string>();
    for (let i = 0; i < options.maxPending; i++) {
      publish(publisher, `t${i}`, results);
    }
    publish(publisher, "one too many", results);
    await clock.pass(0);
    assert.deepEqual([...results], [["one too many", "full"]]);
    await clock.pass(3000);
    assert.equal(publisher.pending, 0);
    publish(publisher, "x".repeat(options.maxPendingBytes), results);
    publish(publisher, "y", results);
    await clock.pass(0);
    assert.equal(results.get("y"), "full");
  });

  it("closes when all that was accepted is answered", async () => {
    const { clock, publisher } = await setUp();
    const results = new Map<string, string>();
    publish(publisher, "last", results);
    let closed = false;
    const closing = publisher.close().then(() => {
      closed = true;
    });
    assert.equal(closed, false);
    await clock.pass(10);
    await closing;
    assert.equal(results.get("last"), "ok");
  });
});
