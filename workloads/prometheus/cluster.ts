import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../kit/endpoint.ts";
import type { ScrapeTarget } from "../kit/monitor.ts";
import { paths } from "./config.ts";
import { keepOf, paceOf } from "./jobs.ts";

/** Shown to Kubernetes' own servers: the pod's ServiceAccount; they are verified by their authority. */
const login = {
  scheme: "https",
  authorization: { type: "Bearer", credentials_file: `${paths.kubernetes}/token` },
} as const;
const ca_file = `${paths.kubernetes}/ca.crt`;

/** A page of every node's kubelet. */
interface Page {
  readonly job: string;
  readonly path: string;
  readonly intervalSeconds?: number;
  readonly keep?: string;
}

const pages: readonly Page[] = [
  {
    job: "kubelet",
    path: "/metrics",
    intervalSeconds: 30,
    keep: "kubelet_(volume_stats_.*|running_pods|running_containers|node_name)|process_.*",
  },
  { job: "kubelet-resource", path: "/metrics/resource" },
  {
    job: "cadvisor",
    path: "/metrics/cadvisor",
    intervalSeconds: 30,
    // Memory and processor time come from the page above, which costs a twentieth.
    keep:
      "container_(cpu_cfs_throttled_periods_total|cpu_cfs_periods_total|" +
      "network_(receive|transmit)_bytes_total|oom_events_total|pressure_.*)",
  },
];

function renderPage({ job, path, intervalSeconds, keep }: Page): object {
  return {
    job_name: job,
    ...paceOf(intervalSeconds),
    ...login,
    metrics_path: path,
    tls_config: { ca_file },
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: [{ source_labels: ["__meta_kubernetes_node_name"], target_label: "node" }],
    ...keepOf(keep),
  };
}

/** Every API server by itself: behind their common address counters would jump between them. */
function renderApiServers(): object {
  return {
    job_name: "apiserver",
    // Making the page costs it more than anything else that is asked of it.
    ...paceOf(60),
    ...login,
    tls_config: { ca_file, server_name: "kubernetes.default.svc" },
    kubernetes_sd_configs: [{ role: "endpointslice", namespaces: { names: [API_SERVERS] } }],
    relabel_configs: [
      {
        source_labels: [
          "__meta_kubernetes_endpointslice_label_kubernetes_io_service_name",
          "__meta_kubernetes_endpointslice_port_name",
        ],
        regex: "kubernetes;https",
        action: "keep",
      },
    ],
    ...keepOf(
      "apiserver_request_total|apiserver_request_duration_seconds_(count|sum)|" +
        "apiserver_storage_objects|apiserver_storage_size_bytes|process_.*",
    ),
  };
}

/** Namespace in which the API servers are listed. */
export const API_SERVERS = "default";

/** Jobs of Kubernetes' own servers that are no pods. */
export function renderClusterJobs(): object[] {
  return [...pages.map(renderPage), renderApiServers()];
}

/** Names of those jobs. */
export const clusterJobs: readonly string[] = [...pages.map(({ job }) => job), "apiserver"];

/** The cluster's DNS: its metrics are plain HTTP wherever it runs, and nobody guards its pods. */
const dns: Endpoint = {
  host: pulumi.output("kube-dns.kube-system.svc"),
  port: 9153,
  tls: false,
  accessLabels: {},
  server: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
};

/** The cluster's DNS as a target. */
export const dnsTarget: ScrapeTarget = { job: "coredns", endpoint: dns, intervalSeconds: 30 };
