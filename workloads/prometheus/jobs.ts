import * as pulumi from "@pulumi/pulumi";
import type { Labels } from "../kit/labels.ts";
import { podsOf } from "../kit/metrics.ts";
import type { ScrapeTarget } from "../kit/monitor.ts";
import { clientTls, paths } from "./config.ts";

/** Pods that are asked for their metrics, with all that their endpoint says. */
export interface PodJob extends Omit<ScrapeTarget, "endpoint"> {
  readonly namespace: string;
  /** Labels of the pods. */
  readonly labels: Labels;
  readonly port: number;
  /** Name in the pods' certificate; undefined: they speak in the clear. */
  readonly serverName: string | undefined;
  /**
   * True: the metrics are of others, whose labels they carry; who tells them is left out.
   * @default false
   */
  readonly ofOthers?: boolean;
}

/** A step of relabelling, as Prometheus names its parts. */
export interface Relabel {
  readonly source_labels: readonly string[];
  readonly regex?: string;
  readonly action?: "keep";
  readonly target_label?: string;
}

/** Seconds between two askings where nobody says otherwise, and the most that one may take. */
export const INTERVAL = 15;
const TIMEOUT = 10;

/** A target, once its endpoint is known. */
export function podJobOf(
  target: ScrapeTarget,
  more: Pick<PodJob, "ofOthers"> = {},
): pulumi.Output<PodJob> {
  const { endpoint, ...said } = target;
  const { namespace, labels } = podsOf(target);
  return pulumi.all([namespace, endpoint.host]).apply(([inside, host]) => ({
    ...said,
    ...more,
    namespace: inside,
    labels,
    port: endpoint.port,
    serverName: endpoint.tls ? host : undefined,
  }));
}

/** Intervals of a job. */
export function paceOf(seconds: number = INTERVAL) {
  return {
    scrape_interval: `${seconds}s`,
    scrape_timeout: `${Math.min(seconds, TIMEOUT)}s`,
  };
}

/** What is kept of a job's metrics. */
export function keepOf(keep: string | undefined) {
  return keep === undefined
    ? {}
    : { metric_relabel_configs: [{ source_labels: ["__name__"], regex: keep, action: "keep" }] };
}

/** Labels that tell whose metrics they are. */
const whose: readonly Relabel[] = ["namespace", "pod_name", "pod_node_name"].map((meta) => ({
  source_labels: [`__meta_kubernetes_${meta}`],
  target_label: meta.replace("pod_node_name", "node").replace("_name", ""),
}));

function securityOf({ serverName, login }: PodJob) {
  return {
    ...(login === "consul"
      ? { authorization: { type: "Bearer", credentials_file: paths.token } }
      : {}),
    ...(serverName === undefined
      ? { scheme: "http" }
      : {
          scheme: "https",
          tls_config: { ...clientTls, server_name: serverName, min_version: "TLS13" },
        }),
  };
}

/**
 * The job of a target: each of its pods that runs is asked by its own address, at the port that a
 * container of it declares.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export function renderPodJob(job: PodJob): object {
  const selector = Object.entries(job.labels).map(([key, value]) => `${key}=${value}`);
  return {
    job_name: job.job,
    ...paceOf(job.intervalSeconds),
    ...securityOf(job),
    metrics_path: job.path ?? "/metrics",
    ...(job.params
      ? { params: Object.fromEntries(Object.entries(job.params).map(([key, of]) => [key, [of]])) }
      : {}),
    ...(job.ofOthers ? { honor_labels: true } : {}),
    kubernetes_sd_configs: [
      {
        role: "pod",
        namespaces: { names: [job.namespace] },
        selectors: [{ role: "pod", label: selector.join(",") }],
      },
    ],
    relabel_configs: [
      {
        source_labels: ["__meta_kubernetes_pod_container_port_number"],
        regex: `${job.port}`,
        action: "keep",
      },
      { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Running", action: "keep" },
      ...(job.ofOthers ? [] : whose),
    ],
    ...keepOf(job.keep),
  };
}
