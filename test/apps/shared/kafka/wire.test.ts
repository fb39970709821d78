import assert from "node:assert/strict";
import { fetchV12, produceV9, Reader, Writer } from "@platformatic/kafka";
import { encodeBatch } from "../../../../apps/shared/kafka/records.ts";
import {
  decodeFetch,
  decodeProduce,
  encodeFetch,
  encodeProduce,
  FETCH,
  PRODUCE,
} from "../../../../apps/shared/kafka/wire.ts";

const TOPIC = "grüße";
const limits = { waitMs: 500, maxBytes: 4_000_000, maxPartitionBytes: 1_000_000 };
const batch = encodeBatch(
  [Buffer.from("a"), Buffer.from("b")],
  { id: 1n, epoch: 2, sequence: 3 },
  4,
);

describe("the requests by hand", () => {
  it("have the keys and versions of those they are compared with", () => {
    assert.deepEqual(PRODUCE, { key: produceV9.api.key, version: produceV9.api.version });
    assert.deepEqual(FETCH, { key: fetchV12.api.key, version: fetchV12.api.version });
  });

  it("put batches on a topic as another implementation reads it", () => {
    const sent = [
      { partition: 0, batch },
      { partition: 300, batch: batch.subarray(0, 70) },
    ];
    const reader = Reader.from(encodeProduce(TOPIC, sent, 2400));
    assert.equal(reader.readNullableString(), null, "no transaction");
    assert.equal(reader.readInt16(), -1, "all in-sync replicas");
    assert.equal(reader.readInt32(), 2400);
    const topics = reader.readArray((r) => ({
      name: r.readString(),
      partitions: r.readArray((one) => ({ partition: one.readInt32(), batch: one.readBytes() })),
    }));
    reader.readTaggedFields();
    assert.deepEqual(topics, [{ name: TOPIC, partitions: sent }]);
    assert.equal(reader.remaining, 0);
  });

  it("ask for records byte for byte as another implementation does", () => {
    const positions = [
      { partition: 0, offset: 0 },
      { partition: 5, offset: 2 ** 40 },
    ];
    const asked = positions.map(({ partition, offset }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: limits.maxPartitionBytes,
    }));
    const topics = [{ topicId: TOPIC, partitions: asked }];
    const { waitMs, maxBytes } = limits;
    const expected = fetchV12.createRequest(waitMs, 1, maxBytes, 0, 0, -1, topics, [], "");
    assert.deepEqual(encodeFetch(TOPIC, positions, limits), Buffer.from(expected.buffer));
  });
});

describe("the responses by hand", () => {
  it("name the outcome of every partition", () => {
    const outcomes = [
      { partition: 0, code: 0, errors: [] },
      { partition: 300, code: 87, errors: ["too old", null] },
    ];
    const written = Writer.create()
      .appendArray([TOPIC], (w, name) => {
        w.appendString(name).appendArray(outcomes, (one, { partition, code, errors }) => {
          one.appendInt32(partition).appendInt16(code);
          one
            .appendInt64(2n ** 40n)
            .appendInt64(-1n)
            .appendInt64(0n);
          one.appendArray(errors, (e, text) => e.appendInt32(0).appendString(text));
          one.appendString(errors.length > 0 ? "invalid record" : null);
        });
      })
      .appendInt32(0)
      .appendTaggedFields();
    assert.deepEqual(
      decodeProduce(Buffer.from(written.buffer)),
      outcomes.map(({ partition, code }) => ({ partition, code })),
    );
  });

  it("hold the records of every partition as they are, and the error of the whole", () => {
    const parts = [
      { partition: 0, code: 0, highWatermark: 2 ** 40, records: batch, aborted: [7n] },
      { partition: 300, code: 1, highWatermark: -1, records: Buffer.alloc(0), aborted: null },
    ];
    const written = Writer.create()
      .appendInt32(0)
      .appendInt16(70)
      .appendInt32(0)
      .appendArray([TOPIC], (w, name) => {
        w.appendString(name).appendArray(parts, (one, part) => {
          one.appendInt32(part.partition).appendInt16(part.code);
          one.appendInt64(BigInt(part.highWatermark)).appendInt64(-1n).appendInt64(0n);
          one.appendArray(part.aborted, (a, id) => a.appendInt64(id).appendInt64(0n));
          one.appendInt32(-1).appendBytes(part.records);
        });
      })
      .appendTaggedFields();
    assert.deepEqual(decodeFetch(Buffer.from(written.buffer)), {
      code: 70,
      partitions: parts.map(({ aborted: _aborted, ...part }) => part),
    });
  });

  it("of no topics are empty", () => {
    const none = Writer.create()
      .appendInt32(0)
      .appendInt16(0)
      .appendInt32(0)
      .appendArray([], () => {});
    assert.deepEqual(decodeFetch(Buffer.from(none.appendTaggedFields().buffer)), {
      code: 0,
      partitions: [],
    });
  });
});
