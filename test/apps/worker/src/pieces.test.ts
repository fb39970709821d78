import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeBatch } from "../../../../apps/shared/kafka.ts";
import { cutIntoPieces } from "../../../../apps/worker/src/pieces.ts";

function batchOf(texts: readonly string[], offset: number): Buffer {
  const values = texts.map((text) => Buffer.from(text));
  const batch = encodeBatch(values, { id: 1n, epoch: 0, sequence: 0 }, 0);
  batch.writeBigInt64BE(BigInt(offset), 0);
  return batch;
}

/** `offset text` of each message, piece by piece. */
function cut(records: Buffer, from: number, pieceBytes: number): string[][] {
  const { pieces } = cutIntoPieces(records, from, pieceBytes);
  return pieces.map((piece) => piece.map(({ offset, text }) => `${offset} ${text}`));
}

describe("the pieces of what was fetched", () => {
  it("end as soon as they hold so many bytes", () => {
    const records = batchOf(["aa", "b", "", "ccccc", "d"], 10);
    assert.deepEqual(cut(records, 10, 1), [["10 aa"], ["11 b"], ["12 ", "13 ccccc"], ["14 d"]]);
    assert.deepEqual(cut(records, 10, 3), [["10 aa", "11 b"], ["12 ", "13 ccccc"], ["14 d"]]);
    assert.deepEqual(cut(records, 10, 9), [["10 aa", "11 b", "12 ", "13 ccccc", "14 d"]]);
  });

  it("hold every message from the offset on, once and in order, over all batches", () => {
    const batches = fc.array(fc.array(fc.string({ maxLength: 20 }), { minLength: 1 }));
    fc.assert(
      fc.property(batches, fc.nat(30), fc.integer({ min: 1, max: 50 }), (lists, from, bytes) => {
        const texts = lists.flat();
        let offset = 0;
        const records = lists.map((list) => {
          offset += list.length;
          return batchOf(list, offset - list.length);
        });
        const { pieces, end } = cutIntoPieces(Buffer.concat(records), from, bytes);
        const expected = texts.map((text, at) => `${at} ${text}`).slice(from);
        assert.deepEqual(
          pieces.flat().map((message) => `${message.offset} ${message.text}`),
          expected,
        );
        assert.equal(end, Math.max(from, texts.length));
        const sizes = pieces.map((piece) => piece.map(({ text }) => text.length));
        const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
        for (const [at, size] of sizes.entries()) {
          assert.ok(size.length > 0, "a piece is empty");
          assert.ok(at === sizes.length - 1 || sum(size) >= bytes, "a piece is too short");
          assert.ok(sum(size.slice(0, -1)) < bytes, "a piece is too long");
        }
      }),
    );
  });

  it("are none of nothing, and go on where they were", () => {
    assert.deepEqual(cutIntoPieces(Buffer.alloc(0), 7, 1), { pieces: [], end: 7 });
  });
});
