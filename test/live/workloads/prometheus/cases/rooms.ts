import { type AlertCase, pair } from "./case.ts";

const consulPod = '{job="consul",namespace="consul",node="node-1",pod="consul-0"}';
const edgePod = '{namespace="edge",node="node-1",pod="edge-a"}';
const published = (status: number) =>
  `web_greetings_api_requests_total{route="publish",status="${status}"}`;

const consul: readonly AlertCase[] = [
  ...pair(
    "ConsulNoLeader",
    3,
    { summary: "Consul has no leader: nothing can be registered, and nobody can log in" },
    { 'consul_server_isLeader{pod="consul-0"}': "0x9", 'consul_server_isLeader{pod="b"}': "0x9" },
    { 'consul_server_isLeader{pod="consul-0"}': "0x9", 'consul_server_isLeader{pod="b"}': "1x9" },
  ),
  {
    alert: "ConsulNoLeader",
    when: "nobody tells",
    series: {},
    minute: 3,
    fires: { summary: "Consul has no leader: nothing can be registered, and nobody can log in" },
  },
  ...pair(
    "ConsulQuorumAtRisk",
    4,
    { summary: "Consul has no leader any more when one more server is lost" },
    { 'consul_autopilot_failure_tolerance{pod="consul-0"}': "0x9" },
    {
      'consul_autopilot_failure_tolerance{pod="consul-0"}': "1x9",
      'consul_autopilot_failure_tolerance{pod="consul-1"}': "0x9",
    },
  ),
  ...pair(
    "ConsulCertificateExpires",
    75,
    {
      summary: "The certificate of consul-0 is good for 23d 3h 33m 20s",
      labels: { job: "consul", namespace: "consul", node: "node-1", pod: "consul-0" },
    },
    { [`consul_agent_tls_cert_expiry${consulPod}`]: "2000000x90" },
    { [`consul_agent_tls_cert_expiry${consulPod}`]: "3000000x90" },
  ),
];

const zookeeper: readonly AlertCase[] = [
  ...pair(
    "ZooKeeperNoQuorum",
    3,
    { summary: "ZooKeeper has no leader: Kafka can change no leader of a partition and no topic" },
    { 'leader_uptime{job="zookeeper",pod="zookeeper-0"}': "0x9" },
    {
      'leader_uptime{job="zookeeper",pod="zookeeper-0"}': "0x9",
      'leader_uptime{job="zookeeper",pod="zookeeper-1"}': "1+60000x9",
    },
  ),
  ...pair(
    "ZooKeeperQuorumAtRisk",
    4,
    { summary: "Only 2 of ZooKeeper's servers are in sync" },
    {
      'synced_followers{job="zookeeper",pod="zookeeper-1"}': "1x9",
      'quorum_size{job="zookeeper",pod="zookeeper-1"}': "3x9",
    },
    {
      'synced_followers{job="zookeeper",pod="zookeeper-1"}': "2x9",
      'quorum_size{job="zookeeper",pod="zookeeper-1"}': "3x9",
    },
  ),
];

const kafka: readonly AlertCase[] = [
  ...pair(
    "KafkaOffline",
    3,
    { summary: "2 partitions have no leader: nothing is written to or read from them" },
    { 'kafka_cluster_offline_partitions{pod="kafka-0"}': "2x9" },
    { 'kafka_cluster_offline_partitions{pod="kafka-0"}': "0x9" },
  ),
  ...pair(
    "KafkaUnderReplicated",
    4,
    { summary: "5 partitions lack a copy" },
    { 'kafka_cluster_under_replicated_partitions{pod="kafka-0"}': "5x9" },
    { 'kafka_cluster_under_replicated_partitions{pod="kafka-0"}': "5x1 0x9" },
  ),
  ...pair(
    "KafkaBrokerMissing",
    4,
    { summary: "Only 2 of 3 brokers are registered" },
    { 'kafka_cluster_brokers{pod="kafka-0"}': "2x9", 'kafka_cluster_brokers{pod="b"}': "3x9" },
    { 'kafka_cluster_brokers{pod="kafka-0"}': "3x9" },
  ),
  ...pair(
    "ConsumerLagGrowing",
    15,
    {
      summary: "web-greetings-worker is 7500 records behind, and falls back further",
      labels: { group: "web-greetings-worker" },
    },
    { 'kafka_consumer_group_lag{group="web-greetings-worker",partition="0"}': "0+500x20" },
    { 'kafka_consumer_group_lag{group="web-greetings-worker",partition="0"}': "9000-100x20" },
  ),
  {
    alert: "ConsumerLagGrowing",
    when: "it is a few records",
    series: { 'kafka_consumer_group_lag{group="g",partition="0"}': "0+10x20" },
    minute: 15,
  },
];

const greetings: readonly AlertCase[] = [
  ...pair(
    "NoWorker",
    5,
    { summary: "No Worker is there: texts are kept, and nobody prints them" },
    { 'up{job="api",pod="api-a"}': "1x9" },
    { 'up{job="worker",pod="a"}': "1x9", 'up{job="worker",pod="b"}': "0x9" },
  ),
  ...pair(
    "ApiFailing",
    10,
    { summary: "The API refuses 10% of the texts that it is sent" },
    { [published(202)]: "0+90x20", [published(503)]: "0+10x20" },
    { [published(202)]: "0+99x20", [published(503)]: "0+1x20" },
  ),
];

const edge: readonly AlertCase[] = [
  ...pair(
    "EdgeWithoutUpstream",
    3,
    { summary: "An edge pod knows of no pod of the API that is well" },
    {
      'edge_upstream_instances{pod="edge-a"}': "2x9",
      'edge_upstream_instances{pod="edge-b"}': "0x9",
    },
    { 'edge_upstream_instances{pod="edge-a"}': "1x9" },
  ),
  ...pair(
    "EdgeNginxDown",
    3,
    {
      summary: "nginx of edge-a does not answer",
      labels: { namespace: "edge", node: "node-1", pod: "edge-a" },
    },
    { [`nginx_up${edgePod}`]: "0x9" },
    { [`nginx_up${edgePod}`]: "1x9" },
  ),
];

/** Trials of the alerts of rooms. */
export const roomCases: readonly AlertCase[] = [
  ...consul,
  ...zookeeper,
  ...kafka,
  ...greetings,
  ...edge,
];
