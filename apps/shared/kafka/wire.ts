/**
 * The two requests on the hot path, written and read by hand: Produce version 9 and Fetch version
 * 12 (both spoken by Kafka 2.7 and later). One object a record costs more than all the rest of the work,
 * so record batches go in and come out as plain bytes.
 */

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

class Writer {
  #bytes = Buffer.allocUnsafe(256);
  #at = 0;

  #room(bytes: number): number {
    if (this.#at + bytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
      this.#bytes.copy(larger, 0, 0, this.#at);
      this.#bytes = larger;
    }
    this.#at += bytes;
    return this.#at - bytes;
  }

  int8(value: number): this {
    this.#bytes.writeInt8(value, this.#room(1));
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  unsigned(value: number): this {
    for (let rest = value; ; rest >>>= 7) {
      const at = this.#room(1);
      if (rest <= 127) {
        this.#bytes[at] = rest;
        return this;
      }
      this.#bytes[at] = (rest & 0x7f) | 0x80;
    }
  }

  bytes(value: Buffer): this {
    const at = this.#room(value.length);
    value.copy(this.#bytes, at);
    return this;
  }

  /** Compact string or bytes: length plus one, then the bytes. */
  compact(value: Buffer): this {
    return this.unsigned(value.length + 1).bytes(value);
  }

  /** No tagged fields. */
  tags(): this {
    return this.unsigned(0);
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #take(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#take(8)));
  }

  unsigned(): number {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#take(1));
      result |= (byte & 0x7f) << shift;
      if (byte < 128) {
        return result >>> 0;
      }
    }
  }

  compact(): Buffer {
    const length = Math.max(this.unsigned() - 1, 0);
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  list<T>(item: () => T): T[] {
    const length = Math.max(this.unsigned() - 1, 0);
    return Array.from({ length }, item);
  }

  tags(): void {
    for (let count = this.unsigned(); count > 0; count--) {
      this.unsigned();
      this.#take(this.unsigned());
    }
  }
}

/** Produce request for one topic, acknowledged by all in-sync replicas; `timeoutMs` is the broker's own limit. */
export function encodeProduce(
  topic: string,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): Buffer {
  const writer = new Writer().unsigned(0).int16(-1).int32(timeoutMs).unsigned(2);
  writer.compact(Buffer.from(topic)).unsigned(batches.length + 1);
  for (const { partition, batch } of batches) {
    writer.int32(partition).compact(batch).tags();
  }
  return writer.tags().tags().done();
}

/** Outcome of each partition in a produce response. */
export function decodeProduce(bytes: Buffer): ProduceOutcome[] {
  const reader = new Reader(bytes);
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
  const writer = new Writer().int32(-1).int32(limits.waitMs).int32(1).int32(limits.maxBytes);
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
  const reader = new Reader(bytes);
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
