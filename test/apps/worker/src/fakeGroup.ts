import {
  BrokerError,
  encodeBatch,
  type FetchedPartition,
  type GroupEvents,
  type GroupLink,
  type Position,
} from "../../../../apps/shared/kafka.ts";

/** A group of one topic whose partitions hold texts, and whose coordinator is the test. */
export class FakeGroup implements GroupLink {
  readonly texts = new Map<number, string[]>();
  readonly committed = new Map<number, number>();
  /** What happened, in order: prints and commits. */
  readonly journal: string[] = [];
  events: GroupEvents | undefined;
  leaderList: number[] = [0, 1];
  generation = 0;
  failures = new Map<number, number>();
  commitErrors: Error[] = [];
  rejoins = 0;
  /** Milliseconds since 1970, 0 for none. */
  heartbeat = 0;
  closed = false;
  fetchFailures = 0;

  async join(events: GroupEvents): Promise<void> {
    this.events = events;
  }

  assign(generation: number, partitions: readonly number[]): void {
    this.generation = generation;
    this.events?.assigned({ generation, partitions });
  }

  async leaders(): Promise<number[]> {
    return this.leaderList;
  }

  async startOffsets(partitions: readonly number[]): Promise<Map<number, number>> {
    return new Map(partitions.map((partition) => [partition, this.committed.get(partition) ?? 0]));
  }

  async earliest(): Promise<number> {
    return 1;
  }

  async fetch(_leader: number, positions: readonly Position[]): Promise<FetchedPartition[]> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.fetchFailures-- > 0) {
      throw new Error("connection refused");
    }
    return positions.map(({ partition, offset }) => {
      const code = this.failures.get(partition) ?? 0;
      this.failures.delete(partition);
      const texts = (this.texts.get(partition) ?? []).slice(offset);
      const records =
        code === 0 && texts.length > 0
          ? encodeBatch(
              texts.map((text) => Buffer.from(text)),
              { id: 1n, epoch: 0, sequence: 0 },
              0,
            )
          : Buffer.alloc(0);
      if (records.length > 0) {
        records.writeBigInt64BE(BigInt(offset), 0);
      }
      return { partition, code, highWatermark: offset + texts.length, records };
    });
  }

  async commit(generation: number, offsets: ReadonlyMap<number, number>): Promise<void> {
    const error = this.commitErrors.shift();
    if (error) {
      throw error;
    }
    if (generation !== this.generation) {
      throw new BrokerError("offsets were not committed", 22);
    }
    for (const [partition, offset] of offsets) {
      this.committed.set(partition, offset);
      this.journal.push(`commit ${partition} ${offset}`);
    }
  }

  async rejoin(): Promise<void> {
    this.rejoins++;
  }

  lastHeartbeat(): number {
    return this.heartbeat;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
