import { renderClusterJobs } from "./cluster.ts";
import { clientTls, hostOf, names, paths, ports, yaml } from "./config.ts";
import { INTERVAL, type PodJob, renderPodJob } from "./jobs.ts";

/** Files of Prometheus' configuration. */
export const files = {
  prometheus: "prometheus.yml",
  rules: "rules.yml",
  web: "web.yml",
  client: "client.yml",
} as const;

/** Label that tells one Prometheus from the other; alerts go without it, so that they are the same. */
const REPLICA = "prometheus_replica";

/** Every Alertmanager gets every alert: they see to it that it is delivered once. */
function renderAlerting(): object {
  return {
    alert_relabel_configs: [{ regex: REPLICA, action: "labeldrop" }],
    alertmanagers: [
      {
        scheme: "https",
        tls_config: {
          ...clientTls,
          server_name: hostOf(names.alertmanager),
          min_version: "TLS13",
        },
        dns_sd_configs: [
          { names: [hostOf(names.alertmanagerServers)], type: "A", port: ports.alertmanager },
        ],
      },
    ],
  };
}

/**
 * prometheus.yml.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 *
 * @param jobs pods that are asked, besides Kubernetes' own servers
 */
export function renderPrometheus(jobs: readonly PodJob[]): string {
  return yaml({
    global: {
      scrape_interval: `${INTERVAL}s`,
      evaluation_interval: `${INTERVAL}s`,
      // Prometheus puts the variable's value in.
      external_labels: { [REPLICA]: "$POD_NAME" },
    },
    rule_files: [`${paths.config}/${files.rules}`],
    alerting: renderAlerting(),
    scrape_configs: [...jobs.map(renderPodJob), ...renderClusterJobs()],
  });
}
