/**
 * The types that fields have on Kafka's wire, big-endian, in the flexible ("compact") versions of
 * the protocol: https://kafka.apache.org/protocol.html#protocol_types
 */

/** Writes fields one after the other into a buffer that grows. */
export class FieldWriter {
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

/** Reads fields one after the other; what it hands out are views, not copies. */
export class FieldReader {
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
