import type { AlertRule } from "../kit/monitor.ts";

const minute = 60;

/** How much one of InfluxDB's numbers has grown in ten minutes, as Telegraf reads them. */
function growth(of: string): string {
  return `sum(increase(influxdb_httpd_${of}{job="telegraf-services"}[10m]))`;
}

/** Passwords that were wrong, and points that were not taken. */
const refusals = ["authFail", "pointsWrittenFail", "pointsWrittenDropped"];

/** What somebody has to know of the database and of those who write to it. */
export const alerts: readonly AlertRule[] = [
  {
    name: "InfluxDbDown",
    // Also where nothing is left that could be asked.
    expr: '(max(up{job="influxdb"}) or vector(0)) < 1',
    forSeconds: 2 * minute,
    severity: "warning",
    summary: "InfluxDB does not answer; Telegraf keeps what it has for about an hour",
  },
  {
    name: "InfluxDbRefuses",
    // What is refused is lost, and Telegraf counts it as written. A few are the set-up, which tries
    // whether passwords are right; a Telegraf with a wrong one is refused sixty times.
    expr: `${refusals.map(growth).join(" + ")} > 10`,
    forSeconds: minute,
    severity: "warning",
    summary:
      "InfluxDB refuses passwords or points ({{ $value | humanize }} in ten minutes); they are lost",
  },
  {
    name: "TelegrafDropping",
    expr:
      "sum by (job, host) (increase(internal_write_metrics_dropped" +
      '{job=~"telegraf.*",output="influxdb"}[10m])) > 0',
    forSeconds: 0,
    severity: "warning",
    summary:
      "Telegraf on {{ $labels.host }} lost {{ $value | humanize }} points that InfluxDB did not take",
  },
];
