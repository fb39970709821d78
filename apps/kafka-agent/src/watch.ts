import { type AdminLink, type ClusterView, describeError } from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import { Gauge, type Registry } from "../../shared/metrics-server.ts";
import { countPartitions, whyNotInSync } from "./health.ts";

/** Polls after which an answer is too old to trust, and after which the loop counts as stuck. */
const STALE_POLLS = 5;
const STUCK_POLLS = 30;

function createGauges(registry: Registry) {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const labelNames = ["topic", "partition"] as const;
  return {
    brokers: gauge("kafka_cluster_brokers", "Brokers that are registered"),
    controller: gauge("kafka_cluster_controller_id", "Id of the controller, -1 for none"),
    underReplicated: gauge(
      "kafka_cluster_under_replicated_partitions",
      "Partitions with fewer in-sync replicas than replicas",
    ),
    offline: gauge("kafka_cluster_offline_partitions", "Partitions without a leader"),
    inSync: new Gauge({
      name: "kafka_partition_in_sync_replicas",
      help: "In-sync replicas of the partitions that this broker leads",
      labelNames,
      registers,
    }),
    end: new Gauge({
      name: "kafka_partition_end_offset",
      help: "Offset after the last record of the partitions that this broker leads",
      labelNames,
      registers,
    }),
  };
}

/** Watches one broker: asks for the cluster's state again and again over one connection. */
export class BrokerWatch {
  readonly #link: AdminLink;
  readonly #broker: number;
  readonly #pollMs: number;
  readonly #log: Logger;
  readonly #gauges: ReturnType<typeof createGauges>;
  #seen = 0;
  #turned = Date.now();
  #obstacle: string | undefined = "the broker was not asked yet";
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(link: AdminLink, broker: number, pollMs: number, registry: Registry, log: Logger) {
    this.#link = link;
    this.#broker = broker;
    this.#pollMs = pollMs;
    this.#log = log;
    this.#gauges = createGauges(registry);
  }

  /** Why the broker must not be counted on, or undefined. */
  whyNotReady(): string | undefined {
    const age = Date.now() - this.#seen;
    return (
      this.#obstacle ??
      (age > STALE_POLLS * this.#pollMs ? `the last answer is ${age} ms old` : undefined)
    );
  }

  /** Why this process should be replaced, or undefined. */
  whyNotAlive(): string | undefined {
    const idle = Date.now() - this.#turned;
    return idle > STUCK_POLLS * this.#pollMs ? `no poll for ${idle} ms` : undefined;
  }

  /** Polls now and, from then on, `pollMs` after each answer. */
  async poll(): Promise<void> {
    this.#turned = Date.now();
    try {
      const view = await this.#link.view();
      this.#note(whyNotInSync(view, this.#broker));
      this.#seen = Date.now();
      await this.#measure(view);
    } catch (error) {
      this.#note(`the broker does not answer: ${describeError(error)}`);
    }
    if (!this.#stopped) {
      this.#timer = setTimeout(() => void this.poll(), this.#pollMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#link.close();
  }

  #note(obstacle: string | undefined): void {
    if (obstacle !== this.#obstacle) {
      this.#log.info({ broker: this.#broker, obstacle: obstacle ?? null }, "state changed");
    }
    this.#obstacle = obstacle;
  }

  async #measure(view: ClusterView): Promise<void> {
    const gauges = this.#gauges;
    const { underReplicated, offline } = countPartitions(view);
    gauges.brokers.set(view.brokers.size);
    gauges.controller.set(view.controller);
    gauges.underReplicated.set(underReplicated);
    gauges.offline.set(offline);
    gauges.inSync.reset();
    gauges.end.reset();
    const topics = new Map<string, number[]>();
    for (const { topic, partition, leader, inSync } of view.partitions) {
      if (leader === this.#broker) {
        gauges.inSync.labels(topic, String(partition)).set(inSync.length);
        topics.set(topic, [...(topics.get(topic) ?? []), partition]);
      }
    }
    for (const [topic, partitions] of topics) {
      const ends = await this.#link.offsets(this.#broker, topic, partitions, "end");
      for (const [partition, end] of ends) {
        gauges.end.labels(topic, String(partition)).set(end);
      }
    }
  }
}
