import type { AlertRule } from "../kit/monitor.ts";
import { TARGET_MISSING, targetMissing } from "./alerts.ts";
import { yaml } from "./config.ts";

/** What is watched over together: a room, or Kubernetes. */
export interface Watched {
  /** Label `room` of its alerts. */
  readonly room: string;
  /** Its jobs; each of them has to have targets, and all of those to answer. */
  readonly jobs: readonly string[];
  readonly alerts: readonly AlertRule[];
}

/** What rules.yml depends on. */
export interface RulesArgs {
  readonly watched: readonly Watched[];
  /** Ends of certificates by their names, RFC 3339. */
  readonly certificates: Readonly<Record<string, string>>;
}

/** The alert that always fires: who stops hearing it knows that no other is delivered either. */
export const WATCHDOG = "Watchdog";

function renderAlert(room: string, rule: AlertRule, labels: Readonly<Record<string, string>> = {}) {
  const { name, expr, forSeconds, severity, summary } = rule;
  return {
    alert: name,
    expr,
    for: `${forSeconds}s`,
    labels: { severity, room, ...labels },
    annotations: { summary, runbook_url: runbookOf(name) },
  };
}

/** Where it is written what an alert means, and what to do; from the root of the repository. */
export function runbookOf(alert: string): string {
  return `docs/runbooks/${alert}.md`;
}

function renderGroup({ room, jobs, alerts }: Watched) {
  return {
    name: room,
    rules: [
      // A job that has no target has no other label than this one.
      ...jobs.map((job) => renderAlert(room, targetMissing(job), { job })),
      ...alerts.map((alert) => renderAlert(room, alert)),
    ],
  };
}

const watchdog = {
  alert: WATCHDOG,
  expr: "vector(1)",
  labels: { severity: "none", room: "prometheus" },
  annotations: {
    summary: "Alerts are on their way: this one always is",
    runbook_url: runbookOf(WATCHDOG),
  },
};

function renderEnd([certificate, end]: [string, string]) {
  const seconds = Date.parse(end) / 1000;
  if (Number.isNaN(seconds)) {
    throw new Error(`certificate ${certificate} ends at "${end}"; allowed: a time of RFC 3339`);
  }
  return { record: "certificate_end_seconds", expr: `vector(${seconds})`, labels: { certificate } };
}

/** @throws Error when two of a kind are called the same */
function requireUnique(what: string, all: readonly string[]) {
  const twice = all.find((one, index) => all.indexOf(one) !== index);
  if (twice !== undefined) {
    throw new Error(`two ${what} are called ${twice}; allowed: a name of its own for each`);
  }
}

/**
 * rules.yml: all alerts, a group for each room.
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 *
 * @throws Error when rooms, jobs or alerts of different rooms are called the same
 */
export function renderRules({ watched, certificates }: RulesArgs): string {
  requireUnique(
    "rooms",
    watched.map(({ room }) => room),
  );
  requireUnique(
    "jobs",
    watched.flatMap(({ jobs }) => jobs),
  );
  requireUnique("alerts", [
    WATCHDOG,
    TARGET_MISSING,
    ...watched.flatMap(({ alerts }) => alerts.map(({ name }) => name)),
  ]);
  const ends = Object.entries(certificates).map(renderEnd);
  return yaml({
    groups: [
      { name: "watchdog", rules: [watchdog] },
      ...(ends.length > 0 ? [{ name: "certificates", rules: ends }] : []),
      ...watched.map(renderGroup).filter(({ rules }) => rules.length > 0),
    ],
  });
}
