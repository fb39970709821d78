import {
  describeError,
  errorId,
  type ProduceOutcome,
  type ProducerLink,
} from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import { type Entry, Lane } from "./lane.ts";
import { type Clock, PublishError, type PublisherOptions, systemClock } from "./publishing.ts";

/** One partition leader: whether a request is on its way to it, or about to be. */
interface Leader {
  state: "idle" | "lingering" | "called" | "busy";
  /** Texts in the last request. */
  carried: number;
  /** Ends the lingering. */
  cancel: () => void;
}

/** Answers of a broker after which the same batch may succeed later or elsewhere. */
const RETRIABLE = new Set([3, 5, 6, 7, 8, 9, 13, 19, 20, 56, 74, 75, 76, 89, 100, 103]);
/** The batch was there already: an acknowledgement was lost on its way. */
const DUPLICATE = 46;
const SWEEP_MS = 100;

/**
 * Publishes texts round-robin over a topic's partitions by group commit: at most one request is in
 * flight to a partition leader, and the next one carries all that came in meanwhile. A text counts
 * as published when all in-sync replicas have it; a repeated batch is recognised by the broker.
 * Partitions whose leader fails are passed over while another one works.
 */
export class Publisher {
  readonly #link: ProducerLink;
  readonly #options: PublisherOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  #lanes: Lane[] = [];
  readonly #leaders = new Map<number, Leader>();
  #turn = 0;
  #pending = 0;
  #pendingBytes = 0;
  #refreshed = Number.NEGATIVE_INFINITY;
  #refreshing = false;
  /** True when the last question about the topic was not answered. */
  #silent = true;
  #closed = false;
  #idle: (() => void) | undefined;
  #cancelSweep: () => void = () => {};

  constructor(link: ProducerLink, options: PublisherOptions, log: Logger, clock = systemClock) {
    this.#link = link;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** Texts on their way. */
  get pending(): number {
    return this.#pending;
  }

  /** Bytes of texts on their way. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Why nothing can be published now, or undefined. */
  get obstacle(): string | undefined {
    if (this.#silent) {
      return "no broker answers";
    }
    return this.#lanes.some((lane) => lane.usable)
      ? undefined
      : "no leader of the topic is reachable";
  }

  /** Begins to look for the brokers, and goes on until `close`. */
  start(): void {
    void this.#refresh();
    this.#sweep();
  }

  /**
   * Resolves when all in-sync replicas have `value`. Rejects with `PublishError`: at once when too
   * much is on its way, at the deadline when no acknowledgement came.
   */
  publish(value: Buffer): Promise<void> {
    const { maxPending, maxPendingBytes, deadlineMs } = this.#options;
    if (this.#pending >= maxPending || this.#pendingBytes + value.length > maxPendingBytes) {
      return Promise.reject(new PublishError("full", "too many texts are on their way"));
    }
    if (this.#lanes.length === 0) {
      return Promise.reject(new PublishError("unavailable", "the brokers are not known yet"));
    }
    this.#pending++;
    this.#pendingBytes += value.length;
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        value,
        deadline: this.#clock.now() + deadlineMs,
        settle: (error) => {
          entry.settle = undefined;
          this.#pending--;
          this.#pendingBytes -= value.length;
          error ? reject(error) : resolve();
          if (this.#pending === 0) {
            this.#idle?.();
          }
        },
      };
      this.#enqueue(entry);
    });
  }

  /** Waits until nothing is on its way (the deadline bounds it) and closes the connections. */
  async close(): Promise<void> {
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    this.#closed = true;
    this.#cancelSweep();
    await this.#link.close();
  }

  #enqueue(entry: Entry): void {
    const lane = this.#nextLane();
    lane.push(entry);
    this.#kick(lane.leader);
  }

  #nextLane(): Lane {
    const count = this.#lanes.length;
    let fallback: Lane | undefined;
    for (let step = 0; step < count; step++) {
      const lane = this.#lanes[this.#turn] as Lane;
      this.#turn = (this.#turn + 1) % count;
      if (lane.usable) {
        return lane;
      }
      fallback ??= lane;
    }
    return fallback as Lane;
  }

  /**
   * Sends to a leader that is free: at the end of this turn of the event loop, with all the requests
   * that it reads, once as many texts wait as the last request carried; after `lingerMs` in any case.
   * Whoever was just answered comes back a moment later, and small requests cost the brokers as much
   * as large ones. A lone caller never waits.
   */
  #kick(node: number): void {
    const leader = this.#leaders.get(node);
    if (!leader || leader.state === "busy" || leader.state === "called") {
      return;
    }
    const waiting = this.#lanesOf(node).reduce((sum, lane) => sum + lane.length, 0);
    if (waiting >= leader.carried) {
      leader.cancel();
      leader.state = "called";
      this.#clock.soon(() => void this.#flush(node, leader));
    } else if (leader.state === "idle" && waiting > 0) {
      leader.state = "lingering";
      leader.cancel = this.#clock.later(
        this.#options.lingerMs,
        () => void this.#flush(node, leader),
      );
    }
  }

  #lanesOf(node: number): Lane[] {
    return this.#lanes.filter((lane) => lane.leader === node && !lane.sending);
  }

  async #flush(node: number, leader: Leader): Promise<void> {
    const lanes = this.#lanesOf(node).filter((lane) => lane.length > 0);
    leader.carried = lanes.reduce((sum, lane) => sum + lane.length, 0);
    if (lanes.length === 0 || this.#closed) {
      leader.state = "idle";
      return;
    }
    leader.state = "busy";
    if (!(await this.#attempt(node, lanes))) {
      leader.carried = 0;
      await this.#pause();
      await this.#refresh();
    }
    leader.state = "idle";
    this.#kick(node);
  }

  /** False when a lane has to try again. */
  async #attempt(leader: number, lanes: readonly Lane[]): Promise<boolean> {
    for (const lane of lanes) {
      lane.sending = true;
    }
    try {
      await this.#identify(lanes);
      return await this.#send(leader, lanes);
    } catch (error) {
      this.#fail(lanes);
      this.#log.warn({ leader, reason: describeError(error) }, "produce request failed");
      return false;
    } finally {
      for (const lane of lanes) {
        lane.sending = false;
      }
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

  async #send(leader: number, lanes: readonly Lane[]): Promise<boolean> {
    const byPartition = new Map<number, Lane>();
    const batches = [];
    for (const lane of lanes) {
      const batch = lane.next(this.#options.maxBatchBytes, this.#clock.time());
      if (batch) {
        byPartition.set(lane.partition, lane);
        batches.push({ partition: lane.partition, batch });
      }
    }
    if (batches.length === 0) {
      return true;
    }
    const failed: Lane[] = [];
    for (const outcome of await this.#link.produce(leader, batches)) {
      const lane = byPartition.get(outcome.partition);
      if (lane && !this.#settle(lane, outcome)) {
        failed.push(lane);
      }
    }
    this.#fail(failed);
    return failed.length === 0;
  }

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

  #fail(lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      lane.failedAt = this.#clock.now();
    }
    // What was never sent can still go where a leader answers.
    if (this.#lanes.some((lane) => lane.usable)) {
      for (const lane of lanes) {
        for (let entry = lane.pull(); entry !== undefined; entry = lane.pull()) {
          this.#enqueue(entry);
        }
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.later(this.#options.retryMs, resolve));
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing || this.#closed) {
      return;
    }
    this.#refreshing = true;
    try {
      this.#apply(await this.#link.leaders());
      this.#refreshed = this.#clock.now();
      this.#silent = false;
    } catch (error) {
      this.#silent = true;
      this.#log.warn({ reason: describeError(error) }, "metadata request failed");
    }
    this.#refreshing = false;
  }

  #apply(leaders: readonly number[]): void {
    leaders.forEach((leader, partition) => {
      const lane = this.#lanes[partition] ?? new Lane(partition);
      this.#lanes[partition] = lane;
      if (lane.leader !== leader) {
        lane.leader = leader;
        lane.failedAt = undefined;
      }
    });
    for (const node of new Set(leaders.filter((leader) => leader >= 0))) {
      if (!this.#leaders.has(node)) {
        this.#leaders.set(node, { state: "idle", carried: 0, cancel: () => {} });
      }
      this.#kick(node);
    }
  }

  /** Answers those whose time is over, and asks for metadata when it is old or no leader is known. */
  #sweep(): void {
    const now = this.#clock.now();
    const error = new PublishError("unavailable", "no acknowledgement within the deadline");
    for (const lane of this.#lanes) {
      if (lane.expire(now, error) && !lane.sending) {
        lane.abandon(error);
      }
      // Nothing is left there whose fate could show that the partition is well again: try it.
      const { failedAt = now } = lane;
      if (lane.length === 0 && now - failedAt >= this.#options.deadlineMs) {
        lane.failedAt = undefined;
      }
    }
    const lost = this.#silent || this.#lanes.some((lane) => !lane.usable);
    if (now - this.#refreshed >= (lost ? this.#options.retryMs : this.#options.metadataMs)) {
      void this.#refresh();
    }
    this.#cancelSweep = this.#clock.later(SWEEP_MS, () => this.#sweep());
  }
}
