import { alertsOf as consulAlerts } from "../../../workloads/consul/alerts.ts";
import { alerts as edgeAlerts } from "../../../workloads/edge/alerts.ts";
import { alerts as greetingsAlerts } from "../../../workloads/greetings/alerts.ts";
import { alerts as influxdbAlerts } from "../../../workloads/influxdb/alerts.ts";
import { alertsOf as kafkaAlerts } from "../../../workloads/kafka/alerts.ts";
import { kubernetesAlerts, ownAlerts } from "../../../workloads/prometheus/alerts.ts";
import type { Watched } from "../../../workloads/prometheus/rules.ts";
import { alerts as zookeeperAlerts } from "../../../workloads/zookeeper/alerts.ts";

/** Every alert of every room, and one job: of any other nothing would be there in a trial. */
export const watched: readonly Watched[] = [
  { room: "consul", jobs: [], alerts: consulAlerts(3) },
  { room: "zookeeper", jobs: [], alerts: zookeeperAlerts },
  { room: "kafka", jobs: [], alerts: kafkaAlerts(3) },
  { room: "greetings", jobs: [], alerts: greetingsAlerts },
  { room: "edge", jobs: [], alerts: edgeAlerts },
  { room: "influxdb", jobs: [], alerts: influxdbAlerts },
  { room: "kubernetes", jobs: [], alerts: kubernetesAlerts },
  { room: "prometheus", jobs: ["mill"], alerts: ownAlerts },
];

/** Names of all alerts. */
export const alertNames: readonly string[] = [
  "Watchdog",
  "TargetMissing",
  ...watched.flatMap(({ alerts }) => alerts.map(({ name }) => name)),
];
