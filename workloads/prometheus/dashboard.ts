import { type Dashboard, dashboard, graph, number, type Panel, promql } from "../kit/dashboard.ts";

/** Seconds between two askings where they are more than usual. */
const every = { kubelet: 30, coredns: 30, apiServer: 60 } as const;

/** File systems of disks: the others are in memory, or views of those. */
const DISKS = 'fstype!~"tmpfs|ramfs|overlay|squashfs|devtmpfs|nsfs"';
const RESTARTS = "kube_pod_container_status_restarts_total";

const nodes: readonly Panel[] = [
  number({
    title: "Nodes",
    description: "Those that Kubernetes gives pods to.",
    unit: "count",
    queries: [promql('sum(kube_node_status_condition{condition="Ready",status="true"})')],
  }),
  number({
    title: "Nodes not ready",
    description: "Their kubelet has not been heard of, or says that it cannot; pods leave them.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [
      promql(
        'count(kube_node_status_condition{condition="Ready",status="true"} == 0) or vector(0)',
      ),
    ],
  }),
  graph({
    title: "CPU in use",
    description: "Part of all cores of a node.",
    unit: "fraction",
    max: 1,
    limits: { worse: "above", worrying: 0.8, bad: 0.95 },
    queries: [
      promql(
        '1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
        "{{node}}",
      ),
    ],
  }),
  graph({
    title: "Memory in use",
    description: "Part of a node's memory that could not be given to a new program.",
    unit: "fraction",
    max: 1,
    limits: { worse: "above", worrying: 0.8, bad: 0.95 },
    queries: [
      promql("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{node}}"),
    ],
  }),
  graph({
    title: "Disks in use",
    description: "Part of a file system; from 85 % on the kubelet moves pods away.",
    unit: "fraction",
    max: 1,
    limits: { worse: "above", worrying: 0.75, bad: 0.85 },
    queries: [
      promql(
        `max by (node, device) (1 - node_filesystem_avail_bytes{${DISKS}}` +
          ` / node_filesystem_size_bytes{${DISKS}})`,
        "{{node}} {{device}}",
      ),
    ],
  }),
];

const pods: readonly Panel[] = [
  number({
    title: "Pods that run",
    description: "In all namespaces.",
    unit: "count",
    queries: [promql('sum(kube_pod_status_phase{phase="Running"})')],
  }),
  number({
    title: "Pods that wait",
    description: "For a node, a volume, or an image.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [promql('sum(kube_pod_status_phase{phase="Pending"})')],
  }),
  number({
    title: "Replicas that lack",
    description: "Pods that workloads want and that are not ready.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [
      promql(
        "sum(kube_statefulset_replicas - kube_statefulset_status_replicas_ready)" +
          " + sum(kube_deployment_spec_replicas - kube_deployment_status_replicas_available)",
      ),
    ],
  }),
  number({
    title: "Restarts",
    description: "Containers that ended and were started again within the hour.",
    unit: "count",
    limits: { worse: "above", worrying: 1, bad: 5 },
    queries: [promql(`sum(increase(${RESTARTS}[1h]))`)],
  }),
  graph({
    title: "Memory by namespace",
    description: "What all containers of a namespace hold.",
    unit: "bytes",
    queries: [
      promql(
        'sum by (namespace) (container_memory_working_set_bytes{job="kubelet-resource"})',
        "{{namespace}}",
      ),
    ],
  }),
  graph({
    title: "Cores by namespace",
    description: "Cores of CPU that all containers of a namespace keep busy.",
    unit: "count",
    queries: [
      promql(
        'sum by (namespace) (rate(container_cpu_usage_seconds_total{job="kubelet-resource"}[$__rate_interval]))',
        "{{namespace}}",
      ),
    ],
  }),
  graph({
    title: "Restarts by container",
    description: "Within 15 minutes; more than 2 is a crash loop.",
    unit: "count",
    limits: { worse: "above", bad: 3 },
    queries: [
      promql(
        `sum by (namespace, pod, container) (increase(${RESTARTS}[15m])) > 0 or vector(0)`,
        "{{namespace}}/{{pod}} {{container}}",
      ),
    ],
  }),
  graph({
    title: "Slowed down",
    description:
      "Part of its time slices in which a pod had used up its limit of CPU; the worst 10.",
    unit: "fraction",
    max: 1,
    queries: [
      promql(
        'topk(10, sum by (namespace, pod) (rate(container_cpu_cfs_throttled_periods_total{pod!=""}[$__rate_interval]))' +
          ' / sum by (namespace, pod) (rate(container_cpu_cfs_periods_total{pod!=""}[$__rate_interval])))',
        "{{namespace}}/{{pod}}",
        every.kubelet,
      ),
    ],
  }),
];

const volumes: readonly Panel[] = [
  graph({
    title: "Volumes in use",
    description: "Part of a claim's volume.",
    unit: "fraction",
    max: 1,
    limits: { worse: "above", worrying: 0.75, bad: 0.9 },
    queries: [
      promql(
        "1 - kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes",
        "{{namespace}}/{{persistentvolumeclaim}}",
        every.kubelet,
      ),
    ],
  }),
  graph({
    title: "Free in four days",
    description: "Of a volume's size, if it fills as in the last 6 hours.",
    unit: "fraction",
    max: 1,
    limits: { worse: "below", worrying: 0.2, bad: 0 },
    queries: [
      promql(
        "clamp_min(predict_linear(kubelet_volume_stats_available_bytes[6h], 4 * 86400), 0)" +
          " / kubelet_volume_stats_capacity_bytes",
        "{{namespace}}/{{persistentvolumeclaim}}",
        every.kubelet,
      ),
    ],
  }),
];

const control: readonly Panel[] = [
  graph({
    title: "Requests to the API server",
    description: "By what the answer was: 5xx is its own fault, 429 too many at once.",
    unit: "requestsPerSecond",
    queries: [
      promql(
        "sum by (code) (rate(apiserver_request_total[$__rate_interval]))",
        "{{code}}",
        every.apiServer,
      ),
    ],
  }),
  graph({
    title: "Time of the API server's answers",
    description: "Mean by verb, without those that watch and so last on purpose.",
    unit: "seconds",
    limits: { worse: "above", worrying: 0.5, bad: 2 },
    queries: [
      promql(
        'sum by (verb) (rate(apiserver_request_duration_seconds_sum{verb!~"WATCH|CONNECT"}[$__rate_interval]))' +
          ' / sum by (verb) (rate(apiserver_request_duration_seconds_count{verb!~"WATCH|CONNECT"}[$__rate_interval]))',
        "{{verb}}",
        every.apiServer,
      ),
    ],
  }),
  graph({
    title: "Size of etcd",
    description: "What the API server keeps all objects in.",
    unit: "bytes",
    queries: [promql("max(apiserver_storage_size_bytes)", "etcd", every.apiServer)],
  }),
  graph({
    title: "Names looked up",
    description: "Questions to CoreDNS, and those that took longer than 0.128 s.",
    unit: "requestsPerSecond",
    queries: [
      promql("sum(rate(coredns_dns_requests_total[$__rate_interval]))", "all", every.coredns),
      promql(
        "sum(rate(coredns_dns_request_duration_seconds_count[$__rate_interval]))" +
          ' - sum(rate(coredns_dns_request_duration_seconds_bucket{le="0.128"}[$__rate_interval]))',
        "slow",
        every.coredns,
      ),
    ],
  }),
];

/** Whether nodes and pods are well, and Kubernetes itself. */
export const kubernetesDashboard: Dashboard = dashboard({
  folder: "Kubernetes",
  uid: "kubernetes",
  title: "Nodes and pods",
  rows: {
    "Are the nodes well?": nodes,
    "Do all pods run?": pods,
    "Is there room on the volumes?": volumes,
    "Is Kubernetes itself well?": control,
  },
});
