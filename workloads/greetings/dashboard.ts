import { type Dashboard, dashboard, graph, number, promql } from "../kit/dashboard.ts";
import { costs } from "../kit/dashboardPanels.ts";

const REQUESTS = "web_greetings_api_requests_total";

/** Seconds that publishing took, of so many requests of a hundred. */
function publishSeconds(quantile: number): string {
  const buckets = "rate(web_greetings_api_publish_seconds_bucket[$__rate_interval])";
  return `histogram_quantile(${quantile}, sum by (le) (${buckets}))`;
}

/** Whether greetings are taken, and printed soon after. */
export const greetingsDashboard: Dashboard = dashboard({
  folder: "Greetings",
  uid: "greetings",
  title: "API and Worker",
  rows: {
    "Are greetings taken and printed?": [
      number({
        title: "Instances of the API",
        description:
          "Pods of the API that answer Prometheus; with none nobody's greeting is taken.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        queries: [promql('sum(up{job="api"})')],
      }),
      number({
        title: "Instances of the Worker",
        description: "Pods of the Worker that answer Prometheus; with none nothing is printed.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        queries: [promql('sum(up{job="worker"})')],
      }),
      number({
        title: "Failed requests",
        description: "Part of all requests that the API answered with 5xx.",
        unit: "fraction",
        limits: { worse: "above", worrying: 0.001, bad: 0.01 },
        queries: [
          promql(
            `(sum(rate(${REQUESTS}{status=~"5.."}[$__rate_interval])) or vector(0))` +
              ` / sum(rate(${REQUESTS}[$__rate_interval]))`,
          ),
        ],
      }),
      number({
        title: "Greetings not printed yet",
        description: "Messages in Kafka that the Worker has not confirmed.",
        unit: "count",
        limits: { worse: "above", worrying: 1000, bad: 10_000 },
        queries: [promql('sum(kafka_consumer_group_lag{topic="web-greetings"})')],
      }),
    ],
    "How does the API answer?": [
      graph({
        title: "Requests by route",
        description: "Requests that the API answers; those to /health are probes.",
        unit: "requestsPerSecond",
        queries: [promql(`sum by (route) (rate(${REQUESTS}[$__rate_interval]))`, "{{route}}")],
      }),
      graph({
        title: "Requests by status",
        description: "2xx is well, 4xx the client's fault, 503 the API's while Kafka is away.",
        unit: "requestsPerSecond",
        queries: [promql(`sum by (status) (rate(${REQUESTS}[$__rate_interval]))`, "{{status}}")],
      }),
      graph({
        title: "Time to publish",
        description: "From the request until Kafka has confirmed it: what half, 90 and 99 % get.",
        unit: "seconds",
        limits: { worse: "above", worrying: 0.5, bad: 1 },
        queries: [
          promql(publishSeconds(0.5), "half"),
          promql(publishSeconds(0.9), "90 %"),
          promql(publishSeconds(0.99), "99 %"),
        ],
      }),
      graph({
        title: "Greetings on their way to Kafka",
        description: "Taken but not confirmed by Kafka; it grows while brokers are slow or away.",
        unit: "count",
        queries: [promql("web_greetings_api_pending", "{{pod}}")],
      }),
    ],
    "Does the Worker keep up?": [
      graph({
        title: "Printed",
        description: "Greetings that the Worker prints, by the partition that they came by.",
        unit: "messagesPerSecond",
        queries: [
          promql(
            "sum by (partition) (rate(web_greetings_worker_printed_total[$__rate_interval]))",
            "partition {{partition}}",
          ),
        ],
      }),
      graph({
        title: "Behind, by partition",
        description: "As the brokers count it, so that it is true without a Worker too.",
        unit: "count",
        queries: [
          promql(
            'sum by (partition) (kafka_consumer_group_lag{topic="web-greetings"})',
            "partition {{partition}}",
          ),
        ],
      }),
      graph({
        title: "Behind, as the Worker saw it",
        description: "At its last read: it stands still in a Worker that is stuck.",
        unit: "count",
        queries: [
          promql("sum by (partition) (web_greetings_worker_lag)", "partition {{partition}}"),
        ],
      }),
      graph({
        title: "Commits",
        description: "How often the Worker tells Kafka how far it is.",
        unit: "perSecond",
        queries: [
          promql(
            "sum by (pod) (rate(web_greetings_worker_commits_total[$__rate_interval]))",
            "{{pod}}",
          ),
        ],
      }),
    ],
    "What does it cost?": [
      ...costs("greetings"),
      graph({
        title: "Event loop",
        description: "How late timers of Node.js fire, 99 of 100: above 100 ms it is overloaded.",
        unit: "seconds",
        limits: { worse: "above", worrying: 0.1, bad: 0.5 },
        queries: [promql('nodejs_eventloop_lag_p99_seconds{job=~"api|worker"}', "{{pod}}")],
      }),
    ],
  },
});
