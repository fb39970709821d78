import {
  describeError,
  errorId,
  type PartitionBatch,
  type ProduceOutcome,
  type ProducerLink,
} from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import type { Lane } from "./lane.ts";
import { type Clock, PublishError } from "./publishing.ts";

/** Answers of a broker after which the same batch may succeed later or elsewhere. */
const RETRIABLE = new Set([3, 5, 6, 7, 8, 9, 13, 19, 20, 56, 74, 75, 76, 89, 100, 103]);
/** The batch was there already: an acknowledgement was lost on its way. */
const DUPLICATE = 46;

/**
 * Brings the batches of lanes to their leader in one request, and tells each lane what became of
 * its batch by the broker's answer.
 */
export class Delivery {
  readonly #link: Pick<ProducerLink, "identify" | "produce">;
  readonly #maxBatchBytes: number;
  readonly #log: Logger;
  readonly #clock: Pick<Clock, "time">;

  /** `maxBatchBytes` bounds the texts of one partition's batch. */
  constructor(
    link: Pick<ProducerLink, "identify" | "produce">,
    maxBatchBytes: number,
    log: Logger,
    clock: Pick<Clock, "time">,
  ) {
    this.#link = link;
    this.#maxBatchBytes = maxBatchBytes;
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * One request to the broker `leader`. Resolves with the lanes that have to send their batch
   * again: all of them when no answer came. Never rejects.
   */
  async attempt(leader: number, lanes: readonly Lane[]): Promise<readonly Lane[]> {
    try {
      await this.#identify(lanes);
      return await this.#send(leader, lanes);
    } catch (error) {
      this.#log.warn({ leader, reason: describeError(error) }, "produce request failed");
      return lanes;
    }
  }

  async #identify(lanes: readonly Lane[]): Promise<void> {
    const strangers = lanes.filter((lane) => lane.identity === undefined);
    await Promise.all(
      strangers.map(async (lane) => {
        lane.identity = await this.#link.identify();
      }),
    );
  }

  async #send(leader: number, lanes: readonly Lane[]): Promise<readonly Lane[]> {
    const byPartition = new Map<number, Lane>();
    const batches: PartitionBatch[] = [];
    for (const lane of lanes) {
      const batch = lane.next(this.#maxBatchBytes, this.#clock.time());
      if (batch) {
        byPartition.set(lane.partition, lane);
        batches.push({ partition: lane.partition, batch });
      }
    }
    if (batches.length === 0) {
      return [];
    }
    const failed: Lane[] = [];
    for (const outcome of await this.#link.produce(leader, batches)) {
      const lane = byPartition.get(outcome.partition);
      if (lane && !this.#settle(lane, outcome)) {
        failed.push(lane);
      }
    }
    return failed;
  }

  /** False when the lane has to send its batch again. */
  #settle(lane: Lane, { code, partition }: ProduceOutcome): boolean {
    if (code === 0 || code === DUPLICATE) {
      lane.acknowledge();
      return true;
    }
    this.#log.warn({ partition, code, error: errorId(code) }, "batch was not accepted");
    if (RETRIABLE.has(code)) {
      return false;
    }
    lane.abandon(new PublishError("unavailable", `the brokers answered ${errorId(code)}`));
    return true;
  }
}
