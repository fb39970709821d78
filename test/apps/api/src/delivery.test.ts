import assert from "node:assert/strict";
import { Delivery } from "../../../../apps/api/src/delivery.ts";
import { Lane } from "../../../../apps/api/src/lane.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { FakeBrokers } from "./fakeBrokers.ts";
import { ManualClock } from "./manualClock.ts";

const MAX_BATCH_BYTES = 100;
const log = createLogger("test", "silent", 2);

/** Lanes with a text each, and what became of the texts: `ok`, or why not. */
function setUp(...texts: string[]) {
  const brokers = new FakeBrokers();
  const results = new Map<string, string>();
  const lanes = texts.map((text, partition) => {
    const lane = new Lane(partition);
    lane.push({
      value: Buffer.from(text),
      deadline: 1000,
      settle: (error) => results.set(text, error?.message ?? "ok"),
    });
    return lane;
  });
  const delivery = new Delivery(brokers, MAX_BATCH_BYTES, log, new ManualClock());
  return { brokers, results, lanes, delivery };
}

describe("a delivery", () => {
  it("takes the batches of all lanes in one request, each with an identity of its own", async () => {
    const { brokers, results, lanes, delivery } = setUp("a", "b");
    assert.deepEqual(await delivery.attempt(7, lanes), []);
    assert.deepEqual(brokers.requests, [{ leader: 7, texts: ["a", "b"] }]);
    assert.deepEqual(
      lanes.map(({ identity }) => identity?.id),
      [1n, 2n],
    );
    assert.deepEqual(
      [...results],
      [
        ["a", "ok"],
        ["b", "ok"],
      ],
    );
  });

  it("asks for nothing when nothing waits", async () => {
    const { brokers, delivery } = setUp();
    assert.deepEqual(await delivery.attempt(0, [new Lane(0)]), []);
    assert.deepEqual(brokers.requests, []);
  });

  const answers = [
    { code: 0, what: "is taken", again: false, result: "ok" },
    { code: 46, what: "was there already", again: false, result: "ok" },
    { code: 6, what: "is led by another broker", again: true, result: undefined },
    { code: 19, what: "lacks replicas", again: true, result: undefined },
    { code: 10, what: "is too large", again: false, result: "MESSAGE_TOO_LARGE" },
    { code: 29, what: "is not allowed", again: false, result: "TOPIC_AUTHORIZATION_FAILED" },
  ];
  for (const { code, what, again, result } of answers) {
    it(`${again ? "keeps" : "settles"} a batch that ${what} (${code}), and that one alone`, async () => {
      const { brokers, results, lanes, delivery } = setUp("a", "b");
      brokers.answer = async (_leader, batches) =>
        batches.map(({ partition }) => ({ partition, code: partition === 1 ? code : 0 }));
      assert.deepEqual(await delivery.attempt(0, lanes), again ? [lanes[1]] : []);
      assert.equal(results.get("a"), "ok");
      const refused = result && result !== "ok" ? `the brokers answered ${result}` : result;
      assert.equal(results.get("b"), refused);
      assert.equal(lanes[1]?.length, again ? 1 : 0);
    });
  }

  it("takes a new identity after a batch that was given up", async () => {
    const { brokers, results, lanes, delivery } = setUp("a");
    brokers.answer = async (_leader, batches) =>
      batches.map(({ partition }) => ({ partition, code: 45 }));
    await delivery.attempt(0, lanes);
    brokers.answer = async (_leader, batches) => batches.map((batch) => brokers.append(batch));
    const settle = (): unknown => results.set("b", "ok");
    lanes[0]?.push({ value: Buffer.from("b"), deadline: 1000, settle });
    assert.deepEqual(await delivery.attempt(0, lanes), []);
    assert.equal(lanes[0]?.identity?.id, 2n);
    assert.equal(results.get("b"), "ok");
  });

  it("gives back all lanes when the request, or an identity, is not answered", async () => {
    const { brokers, results, lanes, delivery } = setUp("a", "b");
    brokers.away = true;
    assert.deepEqual(await delivery.attempt(0, lanes), lanes);
    assert.deepEqual(brokers.requests, [], "nothing was sent without an identity");
    brokers.away = false;
    brokers.answer = () => Promise.reject(new Error("connection reset"));
    assert.deepEqual(await delivery.attempt(0, lanes), lanes);
    assert.equal(results.size, 0);
    brokers.answer = async (_leader, batches) => batches.map((batch) => brokers.append(batch));
    assert.deepEqual(await delivery.attempt(0, lanes), []);
    assert.deepEqual(brokers.requests[1], brokers.requests[0], "the same texts again");
  });
});
