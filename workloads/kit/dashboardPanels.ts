import { graph, type Panel, promql } from "./dashboard.ts";

/** What the containers of a room use of what they may use. */
export function costs(namespace: string): readonly Panel[] {
  const memory = `container_memory_working_set_bytes{job="kubelet-resource",namespace="${namespace}"}`;
  const limit = `kube_pod_container_resource_limits{namespace="${namespace}",resource="memory"}`;
  const cpu = `container_cpu_usage_seconds_total{job="kubelet-resource",namespace="${namespace}"}`;
  return [
    graph({
      title: "Memory of its limit",
      description: "Memory that a container holds; at all of its limit the kernel kills it.",
      unit: "fraction",
      max: 1,
      limits: { worse: "above", worrying: 0.8, bad: 0.9 },
      queries: [
        promql(
          `${memory} / on (namespace, pod, container) max by (namespace, pod, container) (${limit})`,
          "{{pod}} {{container}}",
        ),
      ],
    }),
    graph({
      title: "Cores in use",
      description: "Cores of CPU that a pod keeps busy.",
      unit: "count",
      queries: [promql(`sum by (pod) (rate(${cpu}[$__rate_interval]))`, "{{pod}}")],
    }),
  ];
}
