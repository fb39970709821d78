import type { AlertRule } from "../kit/monitor.ts";

/** Records that a group may be behind without anybody being told. */
const LAG = 1000;

/**
 * What people have to know of Kafka, by what the agents beside the brokers see: they tell also while
 * a broker's own JVM cannot. Each of them sees the whole cluster, so that the worst word counts.
 *
 * @param replicas brokers that are meant to be
 */
export function alertsOf(replicas: number): readonly AlertRule[] {
  return [
    {
      name: "KafkaOffline",
      expr: "max(kafka_cluster_offline_partitions) > 0",
      forSeconds: 60,
      severity: "critical",
      summary: "{{ $value }} partitions have no leader: nothing is written to or read from them",
    },
    {
      name: "KafkaUnderReplicated",
      expr: "max(kafka_cluster_under_replicated_partitions) > 0",
      forSeconds: 120,
      severity: "warning",
      summary: "{{ $value }} partitions lack a copy",
    },
    {
      name: "KafkaBrokerMissing",
      expr: `min(kafka_cluster_brokers) < ${replicas}`,
      forSeconds: 120,
      severity: "warning",
      summary: `Only {{ $value }} of ${replicas} brokers are registered`,
    },
    {
      name: "ConsumerLagGrowing",
      expr:
        `sum by (group)(kafka_consumer_group_lag) > ${LAG} ` +
        "and sum by (group)(delta(kafka_consumer_group_lag[5m])) > 0",
      forSeconds: 300,
      severity: "warning",
      summary: "{{ $labels.group }} is {{ $value }} records behind, and falls back further",
    },
  ];
}
