import type { AdminLink, ClusterView } from "../../shared/kafka.ts";
import { describeError } from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import { Gauge, type Registry } from "../../shared/metrics-server.ts";

/** A consumer group, and a topic that it reads. */
export interface Reader {
  readonly group: string;
  readonly topic: string;
}

/** What of the cluster's administration is used here. */
export type LagLink = Pick<AdminLink, "view" | "offsets" | "committed" | "close">;

/** What is measured, of whom and how often. */
export interface LagOptions {
  /** The broker: of partitions, those that it leads. */
  readonly broker: number;
  readonly readers: readonly Reader[];
  /** Pause between two measurements, in milliseconds. */
  readonly pollMs: number;
}

/**
 * Measures how far groups are behind, also those that have nobody in them. It has a link of its own
 * and a pace of its own: a group's coordinator that does not answer says nothing about our broker.
 * What cannot be measured has no value rather than an old one.
 */
export class GroupLag {
  readonly #link: LagLink;
  readonly #options: LagOptions;
  readonly #log: Logger;
  readonly #gauge: Gauge<"group" | "topic" | "partition">;
  #reason: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(link: LagLink, options: LagOptions, registry: Registry, log: Logger) {
    this.#link = link;
    this.#options = options;
    this.#log = log;
    this.#gauge = new Gauge({
      name: "kafka_consumer_group_lag",
      help: "Records that a group has still to come to, of the partitions that this broker leads",
      labelNames: ["group", "topic", "partition"] as const,
      registers: [registry],
    });
  }

  /** Measures now and, from then on, `pollMs` after each measurement. */
  async poll(): Promise<void> {
    const { readers, pollMs } = this.#options;
    try {
      const view = await this.#link.view();
      const all = await Promise.all(readers.map((reader) => this.#lagOf(reader, view)));
      this.#gauge.reset();
      readers.forEach(({ group, topic }, index) => {
        for (const [partition, lag] of all[index] ?? []) {
          this.#gauge.labels(group, topic, String(partition)).set(lag);
        }
      });
      this.#note(undefined);
    } catch (error) {
      this.#gauge.reset();
      this.#note(describeError(error));
    }
    if (!this.#stopped) {
      this.#timer = setTimeout(() => void this.poll(), pollMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#link.close();
  }

  /** A group that has committed nothing of a partition has all of it to come to. */
  async #lagOf({ group, topic }: Reader, view: ClusterView): Promise<ReadonlyMap<number, number>> {
    const { broker } = this.#options;
    const led = view.partitions
      .filter((one) => one.leader === broker && one.topic === topic)
      .map(({ partition }) => partition);
    if (led.length === 0) return new Map();
    // In this order: a group is never ahead of what is there.
    const committed = await this.#link.committed(group, topic, led);
    const ends = await this.#link.offsets(broker, topic, led, "end");
    const unread = led.filter((partition) => !committed.has(partition));
    const begins =
      unread.length > 0 ? await this.#link.offsets(broker, topic, unread, "begin") : new Map();
    return new Map(
      [...ends].map(([partition, end]) => {
        const next = committed.get(partition) ?? begins.get(partition) ?? end;
        // Less than nothing is left when a topic was made anew under the same name.
        return [partition, Math.max(end - next, 0)];
      }),
    );
  }

  #note(reason: string | undefined): void {
    if (reason !== this.#reason) {
      this.#log.info({ reason: reason ?? null }, "measuring the lag of groups");
    }
    this.#reason = reason;
  }
}
