import { type Dashboard, dashboard, graph, number, type Panel, promql } from "../kit/dashboard.ts";
import { costs } from "../kit/dashboardPanels.ts";

/** A query to the brokers' JVMs, which are asked every 30 s: making their page costs them most. */
function jvm(expr: string, legend = "") {
  return promql(expr, legend, 30);
}

/** By the agent beside each broker, which asks Kafka: true while a broker's JVM stands still too. */
const whole: readonly Panel[] = [
  number({
    title: "Brokers",
    description: "Those that the cluster counts itself.",
    unit: "count",
    limits: { worse: "below", worrying: 3, bad: 2 },
    queries: [promql("min(kafka_cluster_brokers)")],
  }),
  number({
    title: "Partitions that lack a copy",
    description: "Some replica is not in step with its leader; well again soon after a restart.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [promql("max(kafka_cluster_under_replicated_partitions)")],
  }),
  number({
    title: "Partitions without a leader",
    description: "Nobody can write to them or read from them.",
    unit: "count",
    limits: { worse: "above", bad: 1 },
    queries: [promql("max(kafka_cluster_offline_partitions)")],
  }),
  number({
    title: "Controllers",
    description: "Brokers that say they are it: one, for a moment none when it changes.",
    unit: "count",
    limits: { worse: "below", bad: 1 },
    queries: [jvm("sum(kafka_controller_kafkacontroller_activecontrollercount)")],
  }),
  graph({
    title: "Copies in step, by topic",
    description: "Of the partition that has fewest; below 2 a topic takes no messages.",
    unit: "count",
    queries: [promql("min by (topic) (kafka_partition_in_sync_replicas)", "{{topic}}")],
  }),
  graph({
    title: "Replicas that fall out of step and catch up",
    description: "Out of step without a restart means a broker, a disk or the network is slow.",
    unit: "perSecond",
    queries: [
      jvm("sum(rate(kafka_server_replicamanager_isrshrinks_total[$__rate_interval]))", "fall out"),
      jvm("sum(rate(kafka_server_replicamanager_isrexpands_total[$__rate_interval]))", "catch up"),
    ],
  }),
];

const flow: readonly Panel[] = [
  graph({
    title: "Messages in, by topic",
    description: "By how far the ends of the partitions move.",
    unit: "messagesPerSecond",
    queries: [
      promql("sum by (topic) (rate(kafka_partition_end_offset[$__rate_interval]))", "{{topic}}"),
    ],
  }),
  graph({
    title: "Bytes in and out",
    description:
      "Of clients, all brokers together; what brokers copy from each other is not in it.",
    unit: "bytesPerSecond",
    queries: [
      jvm("sum(rate(kafka_server_brokertopicmetrics_bytesin_total[$__rate_interval]))", "in"),
      jvm("sum(rate(kafka_server_brokertopicmetrics_bytesout_total[$__rate_interval]))", "out"),
    ],
  }),
  graph({
    title: "Behind, by group",
    description: "Messages that a group of consumers has not confirmed.",
    unit: "count",
    queries: [promql("sum by (group) (kafka_consumer_group_lag)", "{{group}}")],
  }),
  graph({
    title: "Size of the logs",
    description: "On the disks of all brokers, copies among it.",
    unit: "bytes",
    queries: [jvm("sum by (topic) (kafka_log_size_bytes)", "{{topic}}")],
  }),
];

const speed: readonly Panel[] = [
  graph({
    title: "Requests",
    description: "By what is asked: of producers, of consumers, and of brokers that copy.",
    unit: "requestsPerSecond",
    queries: [
      jvm("sum by (request) (rate(kafka_network_requests_total[$__rate_interval]))", "{{request}}"),
    ],
  }),
  graph({
    title: "Time of requests",
    description:
      "What 99 of 100 get, slowest broker; those that fetch wait for messages on purpose.",
    unit: "milliseconds",
    queries: [
      jvm('max by (request) (kafka_network_request_total_time_ms{quantile="0.99"})', "{{request}}"),
    ],
  }),
  graph({
    title: "Threads that are idle",
    description: "Part of the time that threads have nothing to do: of the network, of requests.",
    unit: "fraction",
    max: 1,
    limits: { worse: "below", worrying: 0.5, bad: 0.2 },
    queries: [
      jvm("kafka_network_socketserver_networkprocessoravgidlepercent", "{{pod}} network"),
      jvm("kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent", "{{pod}} requests"),
    ],
  }),
  graph({
    title: "Requests in the queue",
    description: "Waiting for a thread; at 500 a broker takes no more.",
    unit: "count",
    limits: { worse: "above", worrying: 50, bad: 400 },
    queries: [jvm("kafka_network_requestchannel_requestqueuesize", "{{pod}}")],
  }),
  graph({
    title: "ZooKeeper out of reach",
    description: "Connections to ZooKeeper lost, and sessions that ended with them.",
    unit: "perSecond",
    queries: [
      jvm(
        "sum by (pod) (rate(kafka_server_sessionexpirelistener_zookeeperdisconnects_total[$__rate_interval]))",
        "{{pod}} lost",
      ),
      jvm(
        "sum by (pod) (rate(kafka_server_sessionexpirelistener_zookeeperexpires_total[$__rate_interval]))",
        "{{pod}} ended",
      ),
    ],
  }),
];

/** Whether Kafka is whole, what goes through it, and how fast. */
export const kafkaDashboard: Dashboard = dashboard({
  folder: "Kafka",
  uid: "kafka",
  title: "Kafka",
  rows: {
    "Is the cluster whole?": whole,
    "What goes through it?": flow,
    "Does it answer soon?": speed,
    "What does it cost?": [
      ...costs("kafka"),
      graph({
        title: "Heap",
        description: "Memory of the JVM's heap in use; garbage is collected as it fills.",
        unit: "bytes",
        queries: [jvm('jvm_memory_used_bytes{job="kafka",area="heap"}', "{{pod}}")],
      }),
      graph({
        title: "Collecting garbage",
        description: "Part of the time; a broker that stands still too long loses its session.",
        unit: "fraction",
        limits: { worse: "above", worrying: 0.05, bad: 0.2 },
        queries: [
          jvm(
            'sum by (pod) (rate(jvm_gc_collection_seconds_sum{job="kafka"}[$__rate_interval]))',
            "{{pod}}",
          ),
        ],
      }),
    ],
  },
});
