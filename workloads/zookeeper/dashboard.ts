import { type Dashboard, dashboard, graph, number, promql } from "../kit/dashboard.ts";
import { costs } from "../kit/dashboardPanels.ts";

/** ZooKeeper's names have no prefix: by the job they are its own. */
const OURS = '{job="zookeeper"}';

/** Mean of one of its sums of milliseconds, pod by pod. */
function mean(of: string): string {
  const rate = (part: string) => `rate(${of}_${part}${OURS}[$__rate_interval])`;
  return `${rate("sum")} / ${rate("count")}`;
}

/** Whether the ensemble has a majority, and how fast it agrees. */
export const zookeeperDashboard: Dashboard = dashboard({
  folder: "ZooKeeper",
  uid: "zookeeper",
  title: "ZooKeeper",
  rows: {
    "Is there a majority?": [
      number({
        title: "Leaders",
        description: "Servers that say they lead: one. None: nobody can change anything.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        queries: [promql(`count(leader_uptime${OURS} > 0) or vector(0)`)],
      }),
      number({
        title: "Servers that may be lost",
        description: "Followers in step with the leader beyond those that a majority needs.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        queries: [promql(`max(synced_followers${OURS}) - floor(max(quorum_size${OURS}) / 2)`)],
      }),
      number({
        title: "Servers that serve",
        description: "Those that have the data: one that looks for a leader has not.",
        unit: "count",
        limits: { worse: "below", worrying: 3, bad: 2 },
        queries: [promql(`count(znode_count${OURS}) or vector(0)`)],
      }),
      number({
        title: "Elections",
        description: "How often a server looked for a leader within the hour.",
        unit: "count",
        limits: { worse: "above", worrying: 1, bad: 10 },
        queries: [promql(`sum(increase(looking_count${OURS}[1h]))`)],
      }),
    ],
    "Does it answer soon?": [
      graph({
        title: "Mean latency",
        description: "From a request to its answer, of all since the server started.",
        unit: "milliseconds",
        limits: { worse: "above", worrying: 20, bad: 100 },
        queries: [promql(`avg_latency${OURS}`, "{{pod}}")],
      }),
      graph({
        title: "Requests in the queue",
        description: "Taken but not answered; it grows when the disk or the network is slow.",
        unit: "count",
        limits: { worse: "above", worrying: 10, bad: 100 },
        queries: [promql(`outstanding_requests${OURS}`, "{{pod}}")],
      }),
      graph({
        title: "Reading and writing",
        description: "Mean time of a read and of a change, which needs a majority.",
        unit: "milliseconds",
        queries: [
          promql(mean("readlatency"), "{{pod}} reads"),
          promql(mean("updatelatency"), "{{pod}} changes"),
        ],
      }),
      graph({
        title: "Writing to disk",
        description: "Mean time until the log is on the disk: every change waits for it.",
        unit: "milliseconds",
        limits: { worse: "above", worrying: 50, bad: 1000 },
        queries: [promql(mean("fsynctime"), "{{pod}}")],
      }),
    ],
    "What does it keep?": [
      graph({
        title: "Connections",
        description: "Clients of a server, over TLS; Kafka's brokers have one each.",
        unit: "count",
        queries: [promql(`num_alive_connections${OURS}`, "{{pod}}")],
      }),
      graph({
        title: "Nodes of its tree",
        description: "Nodes, those that go with their session, and watches on them.",
        unit: "count",
        queries: [
          promql(`max(znode_count${OURS})`, "nodes"),
          promql(`max(ephemerals_count${OURS})`, "of sessions"),
          promql(`sum(watch_count${OURS})`, "watches"),
        ],
      }),
      graph({
        title: "Size of the data",
        description: "All of it is in memory, and in every snapshot.",
        unit: "bytes",
        queries: [promql(`approximate_data_size${OURS}`, "{{pod}}")],
      }),
      graph({
        title: "Faults",
        description:
          "Connections dropped, stale requests dropped, errors that a server cannot mend.",
        unit: "perSecond",
        queries: [
          promql(`sum(rate(connection_drop_count${OURS}[$__rate_interval]))`, "connections"),
          promql(`sum(rate(stale_requests_dropped${OURS}[$__rate_interval]))`, "requests"),
          promql(`sum(rate(unrecoverable_error_count${OURS}[$__rate_interval]))`, "errors"),
        ],
      }),
    ],
    "What does it cost?": [
      ...costs("zookeeper"),
      graph({
        title: "Heap",
        description: "Memory of the JVM's heap in use; garbage is collected as it fills.",
        unit: "bytes",
        queries: [promql('jvm_memory_bytes_used{job="zookeeper",area="heap"}', "{{pod}}")],
      }),
      graph({
        title: "Collecting garbage",
        description: "Part of the time; a server that stands still too long loses its followers.",
        unit: "fraction",
        limits: { worse: "above", worrying: 0.05, bad: 0.2 },
        queries: [
          promql(
            `sum by (pod) (rate(jvm_gc_collection_seconds_sum${OURS}[$__rate_interval]))`,
            "{{pod}}",
          ),
        ],
      }),
    ],
  },
});
