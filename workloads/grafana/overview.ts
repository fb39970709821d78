import { type Dashboard, dashboard, graph, number, type Panel, promql } from "../kit/dashboard.ts";

const wrong: readonly Panel[] = [
  number({
    title: "Alerts",
    description: "Alerts that fire now; the one that always does, to show that they can, left out.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [promql('count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)')],
  }),
  number({
    title: "Targets that do not answer",
    description: "Pods and nodes that Prometheus asks in vain.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [promql("count(up == 0) or vector(0)")],
  }),
  number({
    title: "Replicas that lack",
    description: "Pods that workloads want and that are not ready.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [
      promql(
        "sum(kube_statefulset_replicas - kube_statefulset_status_replicas_ready)" +
          " + sum(kube_deployment_spec_replicas - kube_deployment_status_replicas_available)",
      ),
    ],
  }),
  number({
    title: "Certificate ends in",
    description: "Of the first that ends; `pulumi up` makes new ones 30 days before.",
    unit: "timeLeft",
    limits: { worse: "below", worrying: 30 * 86_400, bad: 7 * 86_400 },
    queries: [promql("min(certificate_end_seconds) - time()")],
  }),
];

const greetings: readonly Panel[] = [
  number({
    title: "Requests",
    description: "That people, and probes, send to the edge.",
    unit: "requestsPerSecond",
    queries: [promql("sum(rate(nginx_http_requests_total[$__rate_interval]))")],
  }),
  number({
    title: "Failed requests",
    description: "Part of all requests that the API answered with 5xx.",
    unit: "fraction",
    limits: { worse: "above", worrying: 0.001, bad: 0.01 },
    queries: [
      promql(
        '(sum(rate(web_greetings_api_requests_total{status=~"5.."}[$__rate_interval])) or vector(0))' +
          " / sum(rate(web_greetings_api_requests_total[$__rate_interval]))",
      ),
    ],
  }),
  number({
    title: "Time to publish",
    description: "What 99 of 100 greetings take until Kafka has them.",
    unit: "seconds",
    limits: { worse: "above", worrying: 0.5, bad: 1 },
    queries: [
      promql(
        "histogram_quantile(0.99, sum by (le) (rate(web_greetings_api_publish_seconds_bucket[$__rate_interval])))",
      ),
    ],
  }),
  number({
    title: "Greetings not printed yet",
    description: "Messages in Kafka that the Worker has not confirmed.",
    unit: "count",
    limits: { worse: "above", worrying: 1000, bad: 10_000 },
    queries: [promql("sum(kafka_consumer_group_lag)")],
  }),
  graph({
    title: "Greetings taken and printed",
    description: "Both lines lie on each other while the Worker keeps up.",
    unit: "messagesPerSecond",
    queries: [
      promql("sum(rate(web_greetings_api_publish_seconds_count[$__rate_interval]))", "taken"),
      promql("sum(rate(web_greetings_worker_printed_total[$__rate_interval]))", "printed"),
    ],
  }),
  graph({
    title: "Answers of the API",
    description:
      "By status: 2xx is well, 4xx the client's fault, 503 the API's while Kafka is away.",
    unit: "requestsPerSecond",
    queries: [
      promql(
        "sum by (status) (rate(web_greetings_api_requests_total[$__rate_interval]))",
        "{{status}}",
      ),
    ],
  }),
];

const rooms: readonly Panel[] = [
  number({
    title: "Edge: instances behind it",
    description: "Of the API, as the pod that knows fewest has them; 0: all get 503.",
    unit: "count",
    limits: { worse: "below", bad: 1 },
    queries: [promql("min(edge_upstream_instances)")],
  }),
  number({
    title: "Consul: servers that may be lost",
    description: "At 0 the next one takes the majority along.",
    unit: "count",
    limits: { worse: "below", bad: 1 },
    queries: [promql("max(consul_autopilot_failure_tolerance)")],
  }),
  number({
    title: "ZooKeeper: servers that may be lost",
    description: "At 0 the next one takes the majority along.",
    unit: "count",
    limits: { worse: "below", bad: 1 },
    queries: [
      promql(
        'max(synced_followers{job="zookeeper"}) - floor(max(quorum_size{job="zookeeper"}) / 2)',
      ),
    ],
  }),
  number({
    title: "Kafka: brokers",
    description: "Those that the cluster counts itself.",
    unit: "count",
    limits: { worse: "below", worrying: 3, bad: 2 },
    queries: [promql("min(kafka_cluster_brokers)")],
  }),
  number({
    title: "Kafka: partitions that lack a copy",
    description: "Well again soon after a broker's restart.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [promql("max(kafka_cluster_under_replicated_partitions)")],
  }),
];

const monitoring: readonly Panel[] = [
  graph({
    title: "Series",
    description: "Series that a Prometheus has in memory: each costs some 3 kB.",
    unit: "count",
    queries: [promql("prometheus_tsdb_head_series", "{{pod}}")],
  }),
  graph({
    title: "Numbers taken",
    description: "Numbers that a Prometheus writes down.",
    unit: "perSecond",
    queries: [
      promql(
        "rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval])",
        "{{pod}} {{type}}",
      ),
    ],
  }),
  graph({
    title: "Slowest targets",
    description: "Time that the 5 slowest kinds of target take to answer; beyond 10 s it is lost.",
    unit: "seconds",
    limits: { worse: "above", worrying: 5, bad: 10 },
    queries: [promql("topk(5, max by (job) (scrape_duration_seconds))", "{{job}}")],
  }),
  graph({
    title: "Rules and notices that failed",
    description: "Rules that Prometheus could not work out, notices that nobody took.",
    unit: "perSecond",
    limits: { worse: "above", bad: 0.001 },
    queries: [
      promql("sum(rate(prometheus_rule_evaluation_failures_total[$__rate_interval]))", "rules"),
      promql(
        "sum by (integration) (rate(alertmanager_notifications_failed_total[$__rate_interval]))",
        "{{integration}}",
      ),
    ],
  }),
];

/** The first page: what is wrong, whether greetings go through, and how each room is. */
export const overviewDashboard: Dashboard = dashboard({
  folder: "Stack",
  uid: "overview",
  title: "Stack overview",
  rows: {
    "Is anything wrong?": wrong,
    "Do greetings go through?": greetings,
    "How far is each room from trouble?": rooms,
    "Is monitoring itself well?": monitoring,
  },
});
