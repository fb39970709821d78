import { type AlertCase, pair } from "./case.ts";

const claim = '{namespace="kafka",node="node-1",persistentvolumeclaim="data-kafka-0"}';
const claimLabels = {
  namespace: "kafka",
  node: "node-1",
  persistentvolumeclaim: "data-kafka-0",
};
/** A volume of 100 GB with so much left. */
const volume = (left: string, minutes: number) => ({
  [`kubelet_volume_stats_available_bytes${claim}`]: left,
  [`kubelet_volume_stats_capacity_bytes${claim}`]: `100e9x${minutes}`,
});

const pod = { namespace: "kafka", pod: "kafka-0" };
const container = { ...pod, container: "kafka" };
const series = (name: string, labels: Readonly<Record<string, string>>) =>
  `${name}{${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(",")}}`;
const waiting = (reason: string) =>
  series("kube_pod_container_status_waiting_reason", { ...container, reason, uid: "1" });
const place = { [series("kube_pod_info", { ...pod, node: "node-1", uid: "1" })]: "1x30" };
const crashes = {
  summary: "Container kafka of kafka-0 in kafka ends again and again",
  labels: { ...container, node: "node-1" },
};

const resource = { job: "kubelet-resource", instance: "192.0.2.1:10250", node: "node-1" };
const memory = (used: string) => ({
  [series("container_memory_working_set_bytes", { ...container, ...resource })]: used,
  [series("kube_pod_container_resource_limits", {
    ...container,
    resource: "memory",
    unit: "byte",
    node: "node-1",
    job: "kube-state-metrics",
  })]: "100x30",
  [series("kube_pod_container_resource_limits", {
    ...container,
    resource: "cpu",
    unit: "core",
    node: "node-1",
    job: "kube-state-metrics",
  })]: "2x30",
});

const kubernetes: readonly AlertCase[] = [
  ...pair(
    "NodeDown",
    3,
    { summary: "Node node-1 is not ready", labels: { node: "node-1" } },
    {
      'kube_node_status_condition{node="node-1",condition="Ready",status="true"}': "0x9",
      'kube_node_status_condition{node="node-1",condition="Ready",status="unknown"}': "1x9",
      'kube_node_status_condition{node="node-2",condition="Ready",status="true"}': "1x9",
    },
    { 'kube_node_status_condition{node="node-1",condition="Ready",status="true"}': "1x9" },
  ),
  ...pair(
    "VolumeFills",
    5,
    {
      summary: "Volume data-kafka-0 in kafka has 5% left, or none in four days",
      labels: claimLabels,
    },
    volume("5e9x9", 9),
    volume("35e9x9", 9),
  ),
  {
    alert: "VolumeFills",
    when: "there is room, but not for long",
    series: volume("35e9-0.1e9x200", 200),
    minute: 150,
    fires: {
      summary: "Volume data-kafka-0 in kafka has 20% left, or none in four days",
      labels: claimLabels,
    },
  },
  {
    alert: "VolumeFills",
    when: "it is new, and filled at once",
    series: volume("35e9-0.1e9x200", 200),
    minute: 119,
  },
  {
    alert: "VolumeFills",
    when: "it fills, and takes weeks for it",
    series: volume("39e9-1e6x200", 200),
    minute: 150,
  },
  {
    alert: "VolumeFills",
    when: "it fills, and has much room",
    series: volume("80e9-0.1e9x200", 200),
    minute: 150,
  },
  ...pair(
    "PodCrashLoops",
    20,
    crashes,
    { ...place, [waiting("CrashLoopBackOff")]: "1 _ _ _ 1 _ _ _ 1 _ _ _ 1 _ _ _ 1 _ _ _ 1" },
    { ...place, [waiting("CrashLoopBackOff")]: "1 1 _x20" },
  ),
  {
    alert: "PodCrashLoops",
    when: "it waits for something else",
    series: { ...place, [waiting("ContainerCreating")]: "1x30" },
    minute: 20,
  },
  ...pair(
    "MemoryNearLimit",
    12,
    {
      summary: "Container kafka of kafka-0 in kafka uses 95% of the memory that it may",
      labels: { ...container, ...resource },
    },
    memory("95x30"),
    memory("89x30"),
  ),
];

const failed = 'alertmanager_notifications_failed_total{job="alertmanager",integration="webhook"}';
const mill = 'up{job="mill",instance="192.0.2.7:9464",pod="mill-0"}';

const prometheus: readonly AlertCase[] = [
  {
    alert: "Watchdog",
    when: "all is well",
    series: {},
    minute: 0,
    fires: { summary: "Alerts are on their way: this one always is" },
  },
  {
    alert: "CertificateExpires",
    when: "one of two ends within 30 days",
    series: {},
    minute: 10,
    fires: {
      summary: "Certificate near ends in 18d 23h 50m 0s",
      labels: { certificate: "near" },
    },
  },
  { alert: "CertificateExpires", when: "it is young", series: {}, minute: 4 },
  ...pair(
    "AlertsNotDelivered",
    12,
    {
      summary: "Alertmanager cannot deliver alerts by webhook",
      labels: { integration: "webhook" },
    },
    { [failed]: "0+1x20" },
    { [failed]: "7x20" },
  ),
  ...pair(
    "TargetMissing",
    5,
    {
      summary: "192.0.2.7:9464 of job mill does not answer Prometheus",
      labels: { job: "mill", instance: "192.0.2.7:9464", pod: "mill-0" },
    },
    { [mill]: "0x9", 'up{job="mill",instance="192.0.2.8:9464",pod="mill-1"}': "1x9" },
    { [mill]: "1x9" },
  ),
  {
    alert: "TargetMissing",
    when: "a job has none",
    series: {},
    minute: 5,
    fires: { summary: "Job mill has nothing that Prometheus could ask", labels: { job: "mill" } },
  },
  {
    alert: "TargetMissing",
    when: "one goes and another comes",
    series: { [mill]: "0x1 1x9" },
    minute: 5,
  },
];

/** Trials of the alerts of Kubernetes and of monitoring itself. */
export const ownCases: readonly AlertCase[] = [...kubernetes, ...prometheus];
