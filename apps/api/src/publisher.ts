import { describeError, type ProducerLink } from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import { Delivery } from "./delivery.ts";
import { type Entry, Lane } from "./lane.ts";
import { Pace } from "./pace.ts";
import { type Clock, PublishError, type PublisherOptions, systemClock } from "./publishing.ts";

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
  readonly #delivery: Delivery;
  #lanes: Lane[] = [];
  /** Leader -> when to send to it. */
  readonly #paces = new Map<number, Pace>();
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
    this.#delivery = new Delivery(link, options.maxBatchBytes, log, clock);
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
    this.#paces.get(lane.leader)?.kick();
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

  /** The lanes with something to send to a leader that is not being sent already. */
  #waitingFor(leader: number): readonly Lane[] {
    const ready = (lane: Lane): boolean =>
      lane.leader === leader && !lane.sending && lane.length > 0;
    return this.#closed ? [] : this.#lanes.filter(ready);
  }

  /** Sends all that waits for a leader; false, after a pause, when some of it has to go again. */
  async #send(leader: number): Promise<boolean> {
    const lanes = this.#waitingFor(leader);
    for (const lane of lanes) {
      lane.sending = true;
    }
    const failed = await this.#delivery.attempt(leader, lanes);
    this.#fail(failed);
    for (const lane of lanes) {
      lane.sending = false;
    }
    if (failed.length === 0) {
      return true;
    }
    await this.#pause();
    await this.#refresh();
    return false;
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
      const pace = this.#paces.get(node) ?? this.#paceOf(node);
      this.#paces.set(node, pace);
      pace.kick();
    }
  }

  #paceOf(leader: number): Pace {
    const waiting = (): number =>
      this.#waitingFor(leader).reduce((sum, lane) => sum + lane.length, 0);
    const send = (): Promise<boolean> => this.#send(leader);
    return new Pace({ waiting, send }, this.#clock, this.#options.lingerMs);
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
