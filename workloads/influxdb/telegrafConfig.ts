import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";
import { lines, names, PORT, users } from "./config.ts";

/** Port of Telegraf's own metrics, TLS with certificates on both sides. */
export const METRICS_PORT = 9273;
/** Port of a node's kubelet. */
export const KUBELET_PORT = 10250;

/** Where the pods have their files. */
export const paths = {
  config: "/etc/telegraf",
  /** What holds a password. */
  secrets: "/secrets",
  tls: "/tls",
  /** Token for the kubelet, and the cluster's authority. */
  token: "/var/run/secrets/kubernetes.io/serviceaccount",
  /** The node's own /proc and /sys. */
  host: "/host",
} as const;

/** Sizes of a Telegraf. */
export interface TelegrafSize extends Resources {
  /**
   * Points that are kept while InfluxDB is away, the newest ones; a thousand take about 1 MiB,
   * twice that until Go has cleaned up. A node of the small target makes 5 a second, so that 25,000
   * are 80 minutes; one of the full target that is full (110 pods) 18 a second: 75 minutes.
   */
  readonly buffer: number;
}

/** Sizes by target. */
export const telegrafSizes: Readonly<Record<Scale, TelegrafSize>> = {
  small: { cpu: 0.01, cpuLimit: 0.5, memoryMiB: 160, buffer: 25_000 },
  full: { cpu: 0.05, cpuLimit: 1, memoryMiB: 384, buffer: 80_000 },
};

type Value = string | number | boolean | readonly string[];
type Settings = Readonly<Record<string, Value>>;

/** A table of TOML, of which JSON's texts, numbers and lists are a part. */
function table(header: string, settings: Settings): string[] {
  return [
    header,
    ...Object.entries(settings).map(([key, value]) => `  ${key} = ${JSON.stringify(value)}`),
  ];
}

const input = (name: string, settings: Settings = {}) => table(`[[inputs.${name}]]`, settings);

/** Certificates on both sides. */
const mutual: Settings = {
  tls_ca: `${paths.tls}/ca.crt`,
  tls_cert: `${paths.tls}/tls.crt`,
  tls_key: `${paths.tls}/tls.key`,
};

/** What both kinds have: who they are, what they tell Prometheus, and what of themselves. */
function common(host: string, { buffer }: Pick<TelegrafSize, "buffer">): string[] {
  return [
    ...table("[agent]", {
      hostname: host,
      interval: "15s",
      // Not all nodes in the same moment.
      collection_jitter: "3s",
      flush_interval: "10s",
      flush_jitter: "3s",
      metric_batch_size: 2000,
      metric_buffer_limit: buffer,
    }),
    ...table("[[outputs.prometheus_client]]", {
      listen: `:${METRICS_PORT}`,
      metric_version: 2,
      // The nodes' own metrics Prometheus has from elsewhere.
      namepass: ["internal_*", "influxdb_*"],
      string_as_label: false,
      metric_buffer_limit: 2000,
      tls_cert: `${paths.tls}/tls.crt`,
      tls_key: `${paths.tls}/tls.key`,
      tls_allowed_cacerts: [`${paths.tls}/ca.crt`],
      tls_min_version: "TLS13",
    }),
    ...input("internal", { collect_memstats: false }),
  ];
}

/** Volumes that the kubelet fills itself, in which nothing grows. */
const filledVolumes = [
  "kube-api-access-*",
  "*config*",
  "*secret*",
  "*certificate*",
  "*tls*",
  "*token*",
  "*login*",
  "tmp",
];

/**
 * telegraf.conf of a node: its processors, memory and disks as its kernel counts them, and its pods
 * as its kubelet does. Network and file systems are the kubelet's numbers too: a pod sees its own
 * interfaces alone, and of the node's folders it has only /proc and /sys.
 * https://docs.influxdata.com/telegraf/v1/configuration/
 */
export function renderNodeConf(size: Pick<TelegrafSize, "buffer">): string {
  return lines([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Telegraf puts it in
    ...common("${NODE_NAME}", size),
    ...input("cpu"),
    ...input("mem"),
    ...input("swap"),
    ...input("system"),
    ...input("kernel"),
    ...input("processes"),
    ...input("diskio"),
    ...table("  [inputs.diskio.tagdrop]", { name: ["loop*", "ram*"] }),
    ...input("kubernetes", {
      interval: "30s",
      url: `https://\${NODE_IP}:${KUBELET_PORT}`,
      bearer_token: `${paths.token}/token`,
      tls_ca: `${paths.token}/ca.crt`,
      response_timeout: "10s",
    }),
    ...table("  [inputs.kubernetes.tagdrop]", { volume_name: filledVolumes }),
  ]);
}

/** Whom the one that asks servers asks: each server's scheme, host and port. */
export interface ServicesConfArgs extends Pick<TelegrafSize, "buffer"> {
  /** Host name of InfluxDB. */
  readonly influxdb: string;
  readonly zookeeper: readonly string[];
  readonly kafka: readonly string[];
}

/** Of ZooKeeper's some 450 metrics those that tell how it has been over a year. */
const zookeeperFields = [
  "znode_count",
  "watch_count",
  "ephemerals_count",
  "approximate_data_size",
  "num_alive_connections",
  "outstanding_requests",
  "avg_latency",
  "max_latency",
  "open_file_descriptor_count",
  "quorum_size",
  "synced_followers",
  "leader_uptime",
];

/** InfluxDB's statistics; those of each shard would be hundreds. */
const influxdbStatistics = ["httpd", "write", "queryExecutor", "cq", "database", "memstats"];

/**
 * telegraf.conf of the one that asks servers. ZooKeeper is asked for its page as Prometheus does:
 * Telegraf's own input for ZooKeeper fails on the answer of one that has such a page.
 */
export function renderServicesConf(args: ServicesConfArgs): string {
  const pages = (measurement: string, urls: readonly string[], fields: readonly string[]) =>
    input("prometheus", {
      urls: urls.map((url) => `${url}/metrics`),
      name_override: measurement,
      metric_version: 2,
      interval: "30s",
      fieldinclude: fields,
      ...(urls.some((url) => url.startsWith("https:")) ? mutual : {}),
    });
  return lines([
    ...common("services", args),
    ...input("influxdb", {
      urls: [`https://${args.influxdb}:${PORT}/debug/vars`],
      namepass: influxdbStatistics.map((statistic) => `influxdb_${statistic}`),
      tls_ca: `${paths.tls}/ca.crt`,
    }),
    ...pages("zookeeper", args.zookeeper, zookeeperFields),
    ...pages("kafka", args.kafka, ["kafka_*"]),
  ]);
}

/** output.conf: InfluxDB, which is told a password; so all of it is a secret file. */
export function renderOutput(influxdb: string, password: string): string {
  return lines(
    table("[[outputs.influxdb]]", {
      urls: [`https://${influxdb}:${PORT}`],
      database: names.database,
      skip_database_creation: true,
      username: users.writer,
      password,
      timeout: "10s",
      tls_ca: `${paths.tls}/ca.crt`,
    }),
  );
}
