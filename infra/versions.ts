import { version } from "../package.json";

/**
 * Every version of software that runs in the cluster, in one table. Upgrading something is a change
 * here and nowhere else; the sandbox makes its images under the same references.
 */

/** Public images by the name of what they hold; `<registry>/<repository>:<tag>`, never `latest`. */
export const images = {
  /** Official image of Apache ZooKeeper; 3.9.4 is the first with a sound admin-server restore. */
  zookeeper: "docker.io/library/zookeeper:3.9.4",
  /** Official image of Apache Kafka; 3.9 is the last line that runs on ZooKeeper. */
  kafka: "docker.io/apache/kafka:3.9.1",
  /** HashiCorp's image of Consul; 1.20 is the last line whose Go module can be built whole. */
  consul: "docker.io/hashicorp/consul:1.20.6",
  /** HashiCorp's image of consul-template, which writes the edge's upstreams. */
  consulTemplate: "docker.io/hashicorp/consul-template:0.41.1",
  /** Official image of nginx, the stable line. */
  nginx: "docker.io/library/nginx:1.28.0",
  /** Prometheus' own image, the line with long-term support; promtool is in it. */
  prometheus: "quay.io/prometheus/prometheus:v3.5.3",
  /** Alertmanager of the same project; amtool is in it. */
  alertmanager: "quay.io/prometheus/alertmanager:v0.33.1",
  /** What tells Prometheus about a node's processors, memory, disks and network. */
  nodeExporter: "quay.io/prometheus/node-exporter:v1.11.1",
  /** What tells Prometheus what Kubernetes' objects say. */
  kubeStateMetrics: "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0",
  /** Official image of InfluxDB, the line that is asked in InfluxQL. */
  influxdb: "docker.io/library/influxdb:1.8.10",
  /** Official image of Telegraf. */
  telegraf: "docker.io/library/telegraf:1.34.0",
  /** Grafana's own image; 12 is the line that our dashboards' library writes for. */
  grafana: "docker.io/grafana/grafana:12.2.1",
  /** What our own apps are built on. */
  node: "docker.io/library/node:24.11.1-bookworm-slim",
} as const;

const maven = "https://repo.maven.apache.org/maven2";

/** What shows a Java program's insides as metrics; brokers run it, out of kafka-agent's image. */
export const jmxAgent = {
  url: `${maven}/io/prometheus/jmx/jmx_prometheus_javaagent/1.0.1/jmx_prometheus_javaagent-1.0.1.jar`,
  sha256: "7d61f737fd661610ccc14aea79764faa1ea94a340cbc8f0029b3d2edea3d80c1",
} as const;

/** Name of a public image in the table. */
export type ImageName = keyof typeof images;

/** What stands before a tag's version, and the version: some projects write `v3.5.3`. */
function partsOf(name: ImageName): readonly [string, string] {
  const reference: string = images[name];
  const start = reference.lastIndexOf(":") + (/:v\d[^:]*$/.test(reference) ? 2 : 1);
  return [reference.slice(0, start), reference.slice(start)];
}

/** The version part of an image reference: "3.9.4" of "zookeeper:3.9.4", "3.5.3" of "x:v3.5.3". */
export function versionOf(name: ImageName): string {
  return partsOf(name)[1];
}

/** The reference of an image in another version than the table's. */
export function imageAt(name: ImageName, version: string): string {
  return partsOf(name)[0] + version;
}

/** Version of our own apps: that of the package they are built from. */
export const appVersion: string = version;
