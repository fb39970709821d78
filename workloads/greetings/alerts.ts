import type { AlertRule } from "../kit/monitor.ts";

const PUBLISHED = 'web_greetings_api_requests_total{route="publish"';

/** What people have to know of the API and the Worker. */
export const alerts: readonly AlertRule[] = [
  {
    name: "NoWorker",
    expr: '(sum(up{job="worker"}) or vector(0)) == 0',
    forSeconds: 120,
    severity: "critical",
    summary: "No Worker is there: texts are kept, and nobody prints them",
  },
  {
    name: "ApiFailing",
    expr: `sum(rate(${PUBLISHED},status=~"5.."}[5m])) ` + `/ sum(rate(${PUBLISHED}}[5m])) > 0.05`,
    forSeconds: 120,
    severity: "critical",
    summary: "The API refuses {{ $value | humanizePercentage }} of the texts that it is sent",
  },
];
