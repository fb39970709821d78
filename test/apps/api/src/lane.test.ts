import assert from "node:assert/strict";
import fc from "fast-check";
import { Lane } from "../../../../apps/api/src/lane.ts";
import { Queue } from "../../../../apps/api/src/queue.ts";
import { decodeBatches } from "../../../../apps/shared/kafka.ts";

const TIME = 1_700_000_000_000;

function textsOf(batch: Buffer | undefined): string[] {
  const texts: string[] = [];
  const note = (_offset: number, value?: Buffer): unknown => texts.push(String(value));
  decodeBatches(batch ?? Buffer.alloc(0), 0, note, (_algorithm, bytes) => bytes);
  return texts;
}

/** A lane that may send, and what became of the texts that were put on it. */
function setUp(...texts: string[]) {
  const lane = new Lane(0);
  lane.identity = { id: 1n, epoch: 0 };
  const results = new Map<string, string>();
  const put = (text: string, deadline = 1000): void => {
    const entry = {
      value: Buffer.from(text),
      deadline,
      settle: ((error) => {
        entry.settle = undefined;
        results.set(text, error?.message ?? "ok");
      }) as ((error?: Error) => void) | undefined,
    };
    lane.push(entry);
  };
  for (const text of texts) {
    put(text);
  }
  return { lane, results, put };
}

describe("a lane", () => {
  it("sends batches of so many bytes at most, but one text at least", () => {
    const { lane, results } = setUp("aa", "bb", "c", "dddddd", "e");
    const sent: string[][] = [];
    for (let batch = lane.next(4, TIME); batch; batch = lane.next(4, TIME)) {
      sent.push(textsOf(batch));
      lane.acknowledge();
    }
    assert.deepEqual(sent, [["aa", "bb"], ["c"], ["dddddd"], ["e"]]);
    assert.deepEqual([...new Set(results.values())], ["ok"]);
  });

  it("answers in time who came over from another partition and stands behind younger ones", () => {
    const { lane, results, put } = setUp();
    put("young", 1000);
    put("old", 500);
    lane.expire(600, new Error("late"));
    assert.deepEqual([...results], [["old", "late"]]);
    assert.deepEqual(textsOf(lane.next(100, TIME)), ["young"]);
  });

  it("sends the same bytes again until they are settled, and counts on from there", () => {
    const { lane, put } = setUp("a", "b");
    const first = lane.next(100, TIME);
    put("c");
    assert.equal(lane.next(100, TIME + 1), first);
    assert.equal(lane.length, 3);
    lane.acknowledge();
    const second = lane.next(100, TIME);
    assert.deepEqual(textsOf(second), ["c"]);
    assert.equal(second?.readInt32BE(53), 2, "the sequence number follows the first batch");
  });

  it("has nothing to send without an identity, or without texts", () => {
    const { lane } = setUp();
    assert.equal(lane.next(100, TIME), undefined);
    const { lane: other } = setUp("a");
    other.identity = undefined;
    assert.equal(other.next(100, TIME), undefined);
    assert.equal(other.length, 1);
  });

  it("does not send what nobody waits for any more", () => {
    const { lane, results, put } = setUp();
    put("late", 10);
    put("b", 30);
    assert.equal(lane.expire(20, new Error("too late")), false);
    assert.deepEqual([...results], [["late", "too late"]]);
    assert.deepEqual(textsOf(lane.next(100, TIME)), ["b"]);
  });

  it("says when nobody waits for the batch that is on its way, and not before", () => {
    const { lane, results, put } = setUp();
    put("a", 10);
    put("b", 20);
    lane.next(100, TIME);
    assert.equal(lane.expire(10, new Error("too late")), false);
    assert.equal(lane.expire(20, new Error("too late")), true);
    lane.acknowledge();
    assert.deepEqual(
      [...results.values()],
      ["too late", "too late"],
      "an answer is given once, though the batch arrives after all",
    );
  });
});

describe("a queue", () => {
  it("gives back what was put in, in order, however long it gets", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 12 }), (steps) => {
        const queue = new Queue<number>();
        let [put, taken] = [0, 0];
        for (const step of steps) {
          for (let i = 0; i < step; i++) {
            queue.push(put++);
          }
          for (let i = 0; i < -step; i++) {
            const expected = taken < put ? taken++ : undefined;
            assert.equal(queue.peek(), expected);
            assert.equal(queue.shift(), expected);
          }
          assert.equal(queue.length, put - taken);
        }
      }),
      { numRuns: 30 },
    );
  });
});
