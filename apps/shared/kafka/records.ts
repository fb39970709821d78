import { crc32c } from "./crc32c.ts";

/** Bytes of a record batch before its records (format version 2). */
const HEADER_BYTES = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const MAGIC_AT = 16;
const COMPRESSION = 0b111;
const CONTROL = 0b100000;
/** Sequence numbers are 31 bits wide and start again at 0. */
const SEQUENCE_MASK = 0x7fffffff;

/** Who wrote a batch, for the broker to recognise a repetition. */
export interface ProducerMark {
  readonly id: bigint;
  readonly epoch: number;
  /** Number of the first record in this partition, 0 to 2^31 - 1. */
  readonly sequence: number;
}

/** One record as read from a fetch response. `value` is a view into the response, not a copy. */
export type OnRecord = (offset: number, value: Buffer | undefined) => void;

/** Turns the compressed records of a batch into plain ones; `algorithm` is 1 to 4 as on the wire. */
export type Decompress = (algorithm: number, bytes: Buffer) => Buffer;

/** The sequence number that follows `count` records after `sequence`. */
export function nextSequence(sequence: number, count: number): number {
  return (sequence + count) & SEQUENCE_MASK;
}

function varintBytes(value: number): number {
  let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
  let bytes = 1;
  for (; zigzag > 127; zigzag = Math.floor(zigzag / 128)) {
    bytes++;
  }
  return bytes;
}

function writeVarint(target: Buffer, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  let next = at;
  for (; zigzag > 127; zigzag >>>= 7) {
    target[next++] = (zigzag & 0x7f) | 0x80;
  }
  target[next++] = zigzag;
  return next;
}

/** Bytes of a record without its own length field: attributes, times, key (none), value, headers. */
function bodyBytes(offsetDelta: number, valueBytes: number): number {
  return 1 + 1 + varintBytes(offsetDelta) + 1 + varintBytes(valueBytes) + valueBytes + 1;
}

/**
 * One uncompressed record batch (format version 2) of values without keys or headers.
 * `time` is in milliseconds since 1970. At least one value.
 */
export function encodeBatch(values: readonly Buffer[], mark: ProducerMark, time: number): Buffer {
  let size = HEADER_BYTES;
  for (let i = 0; i < values.length; i++) {
    const body = bodyBytes(i, (values[i] as Buffer).length);
    size += varintBytes(body) + body;
  }
  const batch = Buffer.allocUnsafe(size);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(size - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch[MAGIC_AT] = 2;
  batch.writeInt16BE(0, ATTRIBUTES_AT);
  batch.writeInt32BE(values.length - 1, 23);
  batch.writeBigInt64BE(BigInt(time), 27);
  batch.writeBigInt64BE(BigInt(time), 35);
  batch.writeBigInt64BE(mark.id, 43);
  batch.writeInt16BE(mark.epoch, 51);
  batch.writeInt32BE(mark.sequence, 53);
  batch.writeInt32BE(values.length, 57);
  let at = HEADER_BYTES;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Buffer;
    at = writeVarint(batch, at, bodyBytes(i, value.length));
    batch[at++] = 0;
    batch[at++] = 0;
    at = writeVarint(batch, at, i);
    at = writeVarint(batch, at, -1);
    at = writeVarint(batch, at, value.length);
    at += value.copy(batch, at);
    batch[at++] = 0;
  }
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT, size), CRC_AT);
  return batch;
}

/** A cursor over the records of one batch: varints are read without allocating. */
class Cursor {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  varint(): number {
    let result = 0;
    let shift = 0;
    let byte = this.#bytes[this.at++] as number;
    while (byte & 0x80) {
      result |= (byte & 0x7f) << shift;
      shift += 7;
      byte = this.#bytes[this.at++] as number;
    }
    result |= byte << shift;
    return (result >>> 1) ^ -(result & 1);
  }

  skipVarlong(): void {
    while ((this.#bytes[this.at++] as number) & 0x80) {}
  }
}

function readRecords(
  bytes: Buffer,
  start: number,
  count: number,
  base: number,
  from: number,
  each: OnRecord,
): void {
  const cursor = new Cursor(bytes, start);
  for (let i = 0; i < count; i++) {
    const end = cursor.varint() + cursor.at;
    cursor.at++;
    cursor.skipVarlong();
    const offset = base + cursor.varint();
    if (offset >= from) {
      const key = cursor.varint();
      cursor.at += Math.max(key, 0);
      const length = cursor.varint();
      each(offset, length < 0 ? undefined : bytes.subarray(cursor.at, cursor.at + length));
    }
    cursor.at = end;
  }
}

/**
 * Calls `each` for every record at or after offset `from` in a partition's record batches, and
 * returns the offset to fetch next. A batch that the broker cut off at the end is left for the next
 * fetch. Throws on a checksum that does not fit and on a format older than version 2.
 */
export function decodeBatches(
  bytes: Buffer,
  from: number,
  each: OnRecord,
  decompress: Decompress,
): number {
  let next = from;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + 12 + bytes.readInt32BE(at + 8);
    if (end > bytes.length) {
      break;
    }
    const base = Number(bytes.readBigInt64BE(at));
    if (bytes[at + MAGIC_AT] !== 2) {
      throw new Error(
        `unreadable record batch at offset ${base}: format ${bytes[at + MAGIC_AT]}, allowed: 2`,
      );
    }
    if (crc32c(bytes, at + ATTRIBUTES_AT, end) !== bytes.readUInt32BE(at + CRC_AT)) {
      throw new Error(`damaged record batch at offset ${base}: its checksum does not fit`);
    }
    const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
    const count = bytes.readInt32BE(at + 57);
    if (!(attributes & CONTROL)) {
      const algorithm = attributes & COMPRESSION;
      if (algorithm === 0) {
        readRecords(bytes, at + HEADER_BYTES, count, base, from, each);
      } else {
        const plain = decompress(algorithm, bytes.subarray(at + HEADER_BYTES, end));
        readRecords(plain, 0, count, base, from, each);
      }
    }
    next = Math.max(next, base + bytes.readInt32BE(at + 23) + 1);
    at = end;
  }
  return next;
}
