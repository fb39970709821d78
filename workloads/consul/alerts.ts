import type { AlertRule } from "../kit/monitor.ts";

const DAY = 86_400;

/**
 * What people have to know of Consul. Only the leader tells how many servers may be lost; what the
 * others show there is nothing or out of date, so that the greatest counts.
 *
 * @param replicas servers that are meant to be; of a single one none may ever be lost
 */
export function alertsOf(replicas: number): readonly AlertRule[] {
  const quorumAtRisk: AlertRule = {
    name: "ConsulQuorumAtRisk",
    expr: "max(consul_autopilot_failure_tolerance) < 1",
    forSeconds: 120,
    severity: "warning",
    summary: "Consul has no leader any more when one more server is lost",
  };
  return [
    {
      name: "ConsulNoLeader",
      expr: "(max(consul_server_isLeader) or vector(0)) < 1",
      forSeconds: 60,
      severity: "critical",
      summary: "Consul has no leader: nothing can be registered, and nobody can log in",
    },
    ...(replicas > 1 ? [quorumAtRisk] : []),
    {
      name: "ConsulCertificateExpires",
      expr: `min by (job, namespace, node, pod) (consul_agent_tls_cert_expiry) < ${30 * DAY}`,
      forSeconds: 3600,
      severity: "warning",
      summary: "The certificate of {{ $labels.pod }} is good for {{ $value | humanizeDuration }}",
    },
  ];
}
