import type { Dashboard } from "./dashboard.ts";
import type { Endpoint } from "./endpoint.ts";

/** Pods that Prometheus asks for their metrics, and the right to ask them. */
export interface ScrapeTarget {
  /** Label `job` of all that comes from there, unique in the stack, such as `kafka`. */
  readonly job: string;
  /**
   * Port of the metrics, and whom the pods' policy admits there. The pods are those of `server`: each
   * one is asked, by its own address; `host` is the name in the certificate where there is TLS.
   */
  readonly endpoint: Endpoint;
  /** @default "/metrics" */
  readonly path?: string;
  /** Parameters of the query. @default none */
  readonly params?: Readonly<Record<string, string>>;
  /** What Prometheus shows besides its certificate. @default nothing */
  readonly login?: "consul";
  /** Seconds between two askings. @default 15 */
  readonly intervalSeconds?: number;
  /** Names of the metrics that are kept, as a regular expression. @default all */
  readonly keep?: string;
}

/** Something that a person has to know of. */
export interface AlertRule {
  /** Unique in the stack, such as `KafkaUnderReplicated`; its runbook is called the same. */
  readonly name: string;
  /** PromQL that gives nothing while all is well. */
  readonly expr: string;
  /** Seconds that it has to hold. */
  readonly forSeconds: number;
  /** critical: somebody has to get up for it; warning: within the day. */
  readonly severity: "critical" | "warning";
  /** One sentence, in which `{{ $labels.x }}` and `{{ $value }}` may stand. */
  readonly summary: string;
}

/** A room as monitoring sees it; handing it over is all that it takes. */
export interface Monitored {
  /** What the room is called, label `room` of its alerts. */
  readonly room: string;
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts: readonly AlertRule[];
  /** What Grafana shows of it. */
  readonly dashboards: readonly Dashboard[];
}
