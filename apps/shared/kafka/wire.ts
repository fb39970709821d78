/**
 * The two requests on the hot path, written and read by hand: Produce version 9 and Fetch version
 * 12 (both spoken by Kafka 2.7 and later). One object a record costs more than all the rest of the work,
 * so record batches go in and come out as plain bytes.
 */

import { FieldReader, FieldWriter } from "./fields.ts";

export const PRODUCE = { key: 0, version: 9 } as const;
export const FETCH = { key: 1, version: 12 } as const;

/** A partition's record batch to produce. */
export interface PartitionBatch {
  readonly partition: number;
  readonly batch: Buffer;
}

/** What the broker said about one partition's batch; `code` 0 is success, others as in Kafka's protocol. */
export interface ProduceOutcome {
  readonly partition: number;
  readonly code: number;
}

/** Where to read on in a partition. */
export interface Position {
  readonly partition: number;
  readonly offset: number;
}

/** A partition's part of a fetch response; `code` as in Kafka's protocol, 0 is success. */
export interface FetchedPartition {
  readonly partition: number;
  readonly code: number;
  /** Offset after the last record that consumers may see. */
  readonly highWatermark: number;
  readonly records: Buffer;
}

/** Produce request for one topic, acknowledged by all in-sync replicas; `timeoutMs` is the broker's own limit. */
export function encodeProduce(
  topic: string,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): Buffer {
  const writer = new FieldWriter().unsigned(0).int16(-1).int32(timeoutMs).unsigned(2);
  writer.compact(Buffer.from(topic)).unsigned(batches.length + 1);
  for (const { partition, batch } of batches) {
    writer.int32(partition).compact(batch).tags();
  }
  return writer.tags().tags().done();
}

/** Outcome of each partition in a produce response. */
export function decodeProduce(bytes: Buffer): ProduceOutcome[] {
  const reader = new FieldReader(bytes);
  const topics = reader.list(() => {
    reader.compact();
    const partitions = reader.list(() => {
      const outcome = { partition: reader.int32(), code: reader.int16() };
      reader.int64();
      reader.int64();
      reader.int64();
      reader.list(() => {
        reader.int32();
        reader.compact();
        reader.tags();
      });
      reader.compact();
      reader.tags();
      return outcome;
    });
    reader.tags();
    return partitions;
  });
  return topics.flat();
}

/** Limits of a fetch: how long the broker may wait for data (ms), and bytes in all and a partition. */
export interface FetchLimits {
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

/** Fetch request for one topic without a fetch session, reading what is committed to the log. */
export function encodeFetch(
  topic: string,
  positions: readonly Position[],
  limits: FetchLimits,
): Buffer {
  const writer = new FieldWriter().int32(-1).int32(limits.waitMs).int32(1).int32(limits.maxBytes);
  writer.int8(0).int32(0).int32(-1).unsigned(2);
  writer.compact(Buffer.from(topic)).unsigned(positions.length + 1);
  for (const { partition, offset } of positions) {
    writer.int32(partition).int32(-1).int64(offset).int32(-1).int64(-1);
    writer.int32(limits.maxPartitionBytes).tags();
  }
  return writer.tags().unsigned(1).compact(Buffer.alloc(0)).tags().done();
}

/** Records of each partition in a fetch response, and the error code of the whole (0 is success). */
export function decodeFetch(bytes: Buffer): { code: number; partitions: FetchedPartition[] } {
  const reader = new FieldReader(bytes);
  reader.int32();
  const code = reader.int16();
  reader.int32();
  const topics = reader.list(() => {
    reader.compact();
    const partitions = reader.list(() => {
      const partition = reader.int32();
      const failure = reader.int16();
      const highWatermark = reader.int64();
      reader.int64();
      reader.int64();
      reader.list(() => {
        reader.int64();
        reader.int64();
        reader.tags();
      });
      reader.int32();
      const records = reader.compact();
      reader.tags();
      return { partition, code: failure, highWatermark, records };
    });
    reader.tags();
    return partitions;
  });
  return { code, partitions: topics.flat() };
}
