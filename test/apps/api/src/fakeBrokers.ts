import {
  decodeBatches,
  type PartitionBatch,
  type ProduceOutcome,
  type ProducerLink,
} from "../../../../apps/shared/kafka.ts";

type Answer = (leader: number, batches: readonly PartitionBatch[]) => Promise<ProduceOutcome[]>;

/** Brokers that keep what they acknowledge, and refuse a sequence number out of turn. */
export class FakeBrokers implements ProducerLink {
  leaderList: number[] = [0, 1, 2];
  away = false;
  requests: { leader: number; texts: string[] }[] = [];
  inFlight = new Map<number, number>();
  mostInFlight = 0;
  readonly log = new Map<number, string[]>();
  #identities = 0n;
  readonly #expected = new Map<string, number>();
  answer: Answer = async (_leader, batches) => batches.map((batch) => this.append(batch));

  async leaders(): Promise<number[]> {
    if (this.away) {
      throw new Error("away");
    }
    return this.leaderList;
  }

  async identify(): Promise<{ id: bigint; epoch: number }> {
    if (this.away) {
      throw new Error("away");
    }
    return { id: ++this.#identities, epoch: 0 };
  }

  async produce(leader: number, batches: readonly PartitionBatch[]): Promise<ProduceOutcome[]> {
    const now = (this.inFlight.get(leader) ?? 0) + 1;
    this.inFlight.set(leader, now);
    this.mostInFlight = Math.max(this.mostInFlight, now);
    this.requests.push({ leader, texts: batches.flatMap(({ batch }) => textsOf(batch)) });
    try {
      if (this.away) {
        throw new Error("away");
      }
      return await this.answer(leader, batches);
    } finally {
      this.inFlight.set(leader, now - 1);
    }
  }

  /** Appends as a broker does: once for each sequence number. */
  append({ partition, batch }: PartitionBatch): ProduceOutcome {
    const key = `${partition}/${batch.readBigInt64BE(43)}`;
    const sequence = batch.readInt32BE(53);
    const expected = this.#expected.get(key) ?? 0;
    if (sequence < expected) {
      return { partition, code: 46 };
    }
    if (sequence > expected) {
      return { partition, code: 45 };
    }
    const texts = textsOf(batch);
    this.#expected.set(key, sequence + texts.length);
    this.log.set(partition, [...(this.log.get(partition) ?? []), ...texts]);
    return { partition, code: 0 };
  }

  async close(): Promise<void> {}
}

function textsOf(batch: Buffer): string[] {
  const texts: string[] = [];
  decodeBatches(
    batch,
    0,
    (_offset, value) => texts.push(String(value)),
    (_a, bytes) => bytes,
  );
  return texts;
}
