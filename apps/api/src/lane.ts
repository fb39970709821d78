import { encodeBatch, nextSequence, type ProducerIdentity } from "../../shared/kafka.ts";
import { Queue } from "./queue.ts";

/** One text on its way, from the request to the answer of the brokers. */
export interface Entry {
  readonly value: Buffer;
  /** Milliseconds on the publisher's clock after which nobody waits for it any more. */
  readonly deadline: number;
  /** Called once: without an error when all in-sync replicas have the text. */
  settle: ((error?: Error) => void) | undefined;
}

/** A batch that has its sequence number: it is sent as it is until it is settled or given up. */
interface Batch {
  readonly entries: readonly Entry[];
  readonly bytes: Buffer;
}

/**
 * One partition: a queue, and at most one batch that was sent and is not yet settled. Each partition
 * has an identity of its own, so that giving up a batch here disturbs no other partition.
 */
export class Lane {
  readonly partition: number;
  /** Node id of the leader, -1 for none. */
  leader = -1;
  /** When the last attempt failed, on the publisher's clock; undefined while all is well. */
  failedAt: number | undefined;
  /** True while a request that carries the batch is on its way. */
  sending = false;
  identity: ProducerIdentity | undefined;
  #sequence = 0;
  #batch: Batch | undefined;
  readonly #queue = new Queue<Entry>();

  constructor(partition: number) {
    this.partition = partition;
  }

  /** Texts to send, those of an unsettled batch included. */
  get length(): number {
    return this.#queue.length + (this.#batch?.entries.length ?? 0);
  }

  /** True while texts may be given to this partition. */
  get usable(): boolean {
    return this.leader >= 0 && this.failedAt === undefined;
  }

  push(entry: Entry): void {
    this.#queue.push(entry);
  }

  /** The entry that was never sent and has waited longest, taken out. */
  pull(): Entry | undefined {
    return this.#queue.shift();
  }

  /**
   * Bytes to send: the unsettled batch again, or a new one of at most `maxBytes` of values (one
   * value at least). Undefined when nothing waits or there is no identity yet.
   */
  next(maxBytes: number, time: number): Buffer | undefined {
    if (this.#batch === undefined && this.identity !== undefined) {
      const entries: Entry[] = [];
      let bytes = 0;
      for (let head = this.#queue.peek(); head !== undefined; head = this.#queue.peek()) {
        bytes += head.value.length;
        if (entries.length > 0 && bytes > maxBytes) {
          break;
        }
        this.#queue.shift();
        if (head.settle) {
          entries.push(head);
        }
      }
      if (entries.length > 0) {
        const mark = { ...this.identity, sequence: this.#sequence };
        const values = entries.map(({ value }) => value);
        this.#batch = { entries, bytes: encodeBatch(values, mark, time) };
      }
    }
    return this.#batch?.bytes;
  }

  /** The broker has the batch: answers everyone who waits for it. */
  acknowledge(): void {
    const entries = this.#batch?.entries ?? [];
    this.#sequence = nextSequence(this.#sequence, entries.length);
    this.#batch = undefined;
    this.failedAt = undefined;
    for (const entry of entries) {
      entry.settle?.();
    }
  }

  /**
   * Gives the batch up. Whether the broker has it is not known, so that its sequence numbers cannot
   * be used again: the next batch needs a new identity.
   */
  abandon(error: Error): void {
    const entries = this.#batch?.entries ?? [];
    this.#batch = undefined;
    this.identity = undefined;
    this.#sequence = 0;
    for (const entry of entries) {
      entry.settle?.(error);
    }
  }

  /** Answers all whose deadline is over with `error`; true when nobody waits for the batch any more. */
  expire(now: number, error: Error): boolean {
    // All of them: one that came over from another partition stands behind younger ones.
    for (const entry of [...this.#queue, ...(this.#batch?.entries ?? [])]) {
      if (entry.deadline <= now) {
        entry.settle?.(error);
      }
    }
    for (let head = this.#queue.peek(); head && !head.settle; head = this.#queue.peek()) {
      this.#queue.shift();
    }
    return this.#batch?.entries.every(({ settle }) => settle === undefined) ?? false;
  }
}
