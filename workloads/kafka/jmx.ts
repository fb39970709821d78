import { stringify } from "yaml";

/** MBeans that are shown, besides those of Java itself; of a broker's thousands nobody asks for more. */
const objects = [
  ...[
    "UnderReplicatedPartitions",
    "UnderMinIsrPartitionCount",
    "AtMinIsrPartitionCount",
    "PartitionCount",
    "LeaderCount",
    "OfflineReplicaCount",
    "IsrShrinksPerSec",
    "IsrExpandsPerSec",
  ].map((name) => `kafka.server:type=ReplicaManager,name=${name}`),
  "kafka.controller:type=KafkaController,*",
  "kafka.controller:type=ControllerStats,name=UncleanLeaderElectionsPerSec",
  "kafka.network:type=RequestMetrics,name=RequestsPerSec,*",
  "kafka.network:type=RequestMetrics,name=TotalTimeMs,*",
  "kafka.network:type=RequestChannel,name=RequestQueueSize",
  "kafka.network:type=SocketServer,name=NetworkProcessorAvgIdlePercent",
  "kafka.server:type=KafkaRequestHandlerPool,name=RequestHandlerAvgIdlePercent",
  ...["BytesInPerSec", "BytesOutPerSec", "MessagesInPerSec"].map(
    (name) => `kafka.server:type=BrokerTopicMetrics,name=${name}`,
  ),
  "kafka.server:type=SessionExpireListener,*",
  "kafka.server:type=KafkaServer,name=BrokerState",
  "kafka.log:type=Log,name=Size,*",
  "kafka.log:type=LogManager,name=OfflineLogDirectoryCount",
];

/** What they are called as metrics; the first that fits counts, and what none fits is left out. */
const rules = [
  {
    pattern:
      "kafka.network<type=RequestMetrics, name=(RequestsPerSec), " +
      "request=(Produce|FetchConsumer|FetchFollower|Metadata), version=(.+)><>Count",
    name: "kafka_network_requests_total",
    type: "COUNTER",
    labels: { request: "$2", version: "$3" },
  },
  {
    pattern:
      "kafka.network<type=RequestMetrics, name=TotalTimeMs, " +
      "request=(Produce|FetchConsumer|FetchFollower)><>(50|99)thPercentile",
    name: "kafka_network_request_total_time_ms",
    type: "GAUGE",
    labels: { request: "$1", quantile: "0.$2" },
  },
  {
    // Of this meter the count is in nanoseconds of idleness, and the rate the share that is meant.
    pattern:
      "kafka.server<type=KafkaRequestHandlerPool, name=RequestHandlerAvgIdlePercent>" +
      "<>OneMinuteRate",
    name: "kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent",
    type: "GAUGE",
  },
  {
    pattern: "kafka.(\\w+)<type=(\\w+), name=(\\w+)PerSec><>Count",
    name: "kafka_$1_$2_$3_total",
    type: "COUNTER",
  },
  {
    pattern: "kafka.log<type=Log, name=Size, topic=(.+), partition=(.+)><>Value",
    name: "kafka_log_size_bytes",
    labels: { topic: "$1", partition: "$2" },
  },
  { pattern: "kafka.(\\w+)<type=(\\w+), name=(\\w+)><>Value", name: "kafka_$1_$2_$3" },
];

/**
 * jmx.yml: what Prometheus' JMX exporter, an agent inside the broker's JVM, shows of it: rates, times
 * and memory, which only the JVM knows. Reporters of Kafka's own would be Java of ours. The exporter
 * of this version asks nobody for a certificate, so that it listens on the loopback alone; and it is
 * silent with its JVM, so that no alert hangs on it.
 * https://prometheus.github.io/jmx_exporter/1.0.1/http-mode/rules/
 */
export function renderJmx(): string {
  return stringify({
    lowercaseOutputName: true,
    lowercaseOutputLabelNames: true,
    includeObjectNames: objects,
    rules,
  });
}
