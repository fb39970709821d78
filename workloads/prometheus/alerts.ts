import type { AlertRule } from "../kit/monitor.ts";

/** Seconds of a day. */
const DAY = 86_400;

/**
 * The node that a pod is on, so that alerts of its pods are silent while it is down. Two
 * kube-state-metrics, for the moment of an update, say the same twice.
 */
const node =
  "* on (namespace, pod) group_left (node) max by (namespace, pod, node) (kube_pod_info)";

/** Alerts of what every workload stands on. */
export const kubernetesAlerts: readonly AlertRule[] = [
  {
    name: "NodeDown",
    expr: 'max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0',
    forSeconds: 60,
    severity: "critical",
    summary: "Node {{ $labels.node }} is not ready",
  },
  {
    name: "VolumeFills",
    // A volume that is nearly full, or that is not far from it and will be at its present pace. What
    // a new volume takes in its first hours is no pace.
    expr:
      "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1 or " +
      "(kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.4 and " +
      `predict_linear(kubelet_volume_stats_available_bytes[6h], ${4 * DAY}) < 0 and ` +
      "kubelet_volume_stats_available_bytes offset 2h > 0)",
    forSeconds: 120,
    severity: "warning",
    summary:
      "Volume {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} has " +
      "{{ $value | humanizePercentage }} left, or none in four days",
  },
  {
    name: "PodCrashLoops",
    expr:
      "(max by (namespace, pod, container) (max_over_time(" +
      'kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])) > 0) ' +
      node,
    forSeconds: 600,
    severity: "warning",
    summary:
      "Container {{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} ends " +
      "again and again",
  },
  {
    name: "MemoryNearLimit",
    expr:
      'container_memory_working_set_bytes{job="kubelet-resource"} / ' +
      "on (namespace, pod, container) group_left () max by (namespace, pod, container) " +
      '(kube_pod_container_resource_limits{resource="memory"}) > 0.9',
    forSeconds: 600,
    severity: "warning",
    summary:
      "Container {{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} uses " +
      "{{ $value | humanizePercentage }} of the memory that it may",
  },
];

/** Alerts of monitoring itself, and of the certificates that it is told of. */
export const ownAlerts: readonly AlertRule[] = [
  {
    name: "CertificateExpires",
    expr: `certificate_end_seconds - time() < ${30 * DAY}`,
    forSeconds: 300,
    severity: "warning",
    summary: "Certificate {{ $labels.certificate }} ends in {{ $value | humanizeDuration }}",
  },
  {
    name: "AlertsNotDelivered",
    expr:
      "sum by (integration) (rate(" +
      'alertmanager_notifications_failed_total{job="alertmanager"}[5m])) > 0',
    forSeconds: 300,
    severity: "critical",
    summary: "Alertmanager cannot deliver alerts by {{ $labels.integration }}",
  },
];

/** What the alert of each job's targets is called. */
export const TARGET_MISSING = "TargetMissing";

/** That a target does not answer, or that a job has none. */
export function targetMissing(job: string): AlertRule {
  return {
    name: TARGET_MISSING,
    expr: `up{job="${job}"} == 0 or absent(up{job="${job}"})`,
    forSeconds: 180,
    severity: "warning",
    summary:
      `{{ with $labels.instance }}{{ . }} of job ${job} does not answer Prometheus{{ else }}` +
      `Job ${job} has nothing that Prometheus could ask{{ end }}`,
  };
}
