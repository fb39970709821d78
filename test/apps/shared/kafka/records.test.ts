import assert from "node:assert/strict";
import { createRecordsBatch, Reader, readRecordsBatch } from "@platformatic/kafka";
import fc from "fast-check";
import { decompress } from "../../../../apps/shared/kafka/client.ts";
import { crc32c } from "../../../../apps/shared/kafka/crc32c.ts";
import { decodeBatches, encodeBatch, nextSequence } from "../../../../apps/shared/kafka/records.ts";

const mark = { id: 4711n, epoch: 3, sequence: 17 };
const values = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 200 });

function read(bytes: Buffer, from: number): { texts: [number, string][]; next: number } {
  const texts: [number, string][] = [];
  const next = decodeBatches(
    bytes,
    from,
    (offset, value) => texts.push([offset, value?.toString("latin1") ?? "none"]),
    () => assert.fail("nothing is compressed"),
  );
  return { texts, next };
}

function at(offset: number, texts: readonly string[]): Buffer {
  const batch = encodeBatch(
    texts.map((text) => Buffer.from(text)),
    mark,
    1_700_000_000_000,
  );
  batch.writeBigInt64BE(BigInt(offset), 0);
  return batch;
}

describe("a record batch", () => {
  it("has the checksum of the standard's example", () => {
    assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  });

  it("comes back as it was written", () => {
    fc.assert(
      fc.property(values, (list) => {
        const buffers = list.map((value) => Buffer.from(value));
        const { texts, next } = read(encodeBatch(buffers, mark, 1_700_000_000_000), 0);
        assert.deepEqual(
          texts,
          buffers.map((value, offset) => [offset, value.toString("latin1")]),
        );
        assert.equal(next, buffers.length);
      }),
    );
  });

  it("is read alike by another implementation", () => {
    fc.assert(
      fc.property(values, (list) => {
        const buffers = list.map((value) => Buffer.from(value));
        const batch = readRecordsBatch(Reader.from(encodeBatch(buffers, mark, 1_700_000_000_000)));
        assert.equal(batch.producerId, mark.id);
        assert.equal(batch.producerEpoch, mark.epoch);
        assert.equal(batch.firstSequence, mark.sequence);
        assert.equal(batch.firstTimestamp, 1_700_000_000_000n);
        assert.deepEqual(
          batch.records.map((record) => Buffer.from(record.value ?? [])),
          buffers,
        );
      }),
      { numRuns: 30 },
    );
  });

  it("is read from the offset asked for", () => {
    const bytes = Buffer.concat([at(10, ["a", "b", "c"]), at(13, ["d"])]);
    assert.deepEqual(read(bytes, 11), {
      texts: [
        [11, "b"],
        [12, "c"],
        [13, "d"],
      ],
      next: 14,
    });
  });

  it("is left for the next fetch when it was cut off", () => {
    const bytes = Buffer.concat([at(10, ["a"]), at(11, ["b", "c"]).subarray(0, 70)]);
    assert.deepEqual(read(bytes, 10), { texts: [[10, "a"]], next: 11 });
  });

  it("fails when a byte has changed", () => {
    const bytes = at(10, ["a"]);
    bytes.writeUInt8(0xff, bytes.length - 2);
    assert.throws(() => read(bytes, 10), {
      message: "damaged record batch at offset 10: its checksum does not fit",
    });
  });

  it("of a transaction's mark is passed over", () => {
    const bytes = at(10, ["mark"]);
    bytes.writeInt16BE(0b100000, 21);
    bytes.writeUInt32BE(crc32c(bytes, 21), 17);
    assert.deepEqual(read(bytes, 10), { texts: [], next: 11 });
  });

  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
    it(`of another producer is read with keys, headers and no value, compressed by ${compression}`, () => {
      const [key, value] = [Buffer.from("key".repeat(50)), Buffer.from("a".repeat(200))];
      // A record without a value, which the library writes and its types leave out.
      const none = null as unknown as Buffer;
      const headers = new Map([[Buffer.from("h"), Buffer.from("v")]]);
      const messages = [
        { topic: "t", key, value, headers, timestamp: 1_700_000_000_000n },
        { topic: "t", key, value: none, timestamp: 1_700_000_999_000n },
        { topic: "t", value, timestamp: 1_700_000_000_001n },
      ];
      const bytes = Buffer.from(createRecordsBatch(messages, { compression }).buffer);
      const values: unknown[] = [];
      const collect = (offset: number, text?: Buffer): unknown => values.push([offset, text]);
      assert.equal(decodeBatches(bytes, 0, collect, decompress), 3);
      assert.deepEqual(values, [
        [0, value],
        [1, undefined],
        [2, value],
      ]);
    });
  }

  it("fails in a format that is older", () => {
    const bytes = at(10, ["a"]);
    bytes[16] = 1;
    assert.throws(() => read(bytes, 10), {
      message: "unreadable record batch at offset 10: format 1, allowed: 2",
    });
  });

  it("is numbered from 0 again after 2^31 - 1", () => {
    assert.equal(nextSequence(0x7fffffff, 1), 0);
    assert.equal(nextSequence(5, 3), 8);
  });
});
