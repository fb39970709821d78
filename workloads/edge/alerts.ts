import type { AlertRule } from "../kit/monitor.ts";

/** What people have to know of the edge. */
export const alerts: readonly AlertRule[] = [
  {
    name: "EdgeWithoutUpstream",
    expr: "min(edge_upstream_instances) == 0",
    forSeconds: 60,
    severity: "critical",
    summary: "An edge pod knows of no pod of the API that is well",
  },
  {
    name: "EdgeNginxDown",
    expr: "min by (namespace, node, pod) (nginx_up) == 0",
    forSeconds: 60,
    severity: "critical",
    summary: "nginx of {{ $labels.pod }} does not answer",
  },
];
