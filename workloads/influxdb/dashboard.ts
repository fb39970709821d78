import { type Dashboard, dashboard, graph, type Panel } from "../kit/dashboard.ts";
import { influxql } from "../kit/influxQuery.ts";

/** Of all cores together: Telegraf measures each by itself too. */
const ALL_CORES = "\"cpu\" = 'cpu-total'";

/** Mean of all hosts, of what the CPU is at. */
function atWork(field: string, alias: string) {
  return influxql({ from: "cpu", select: `mean("${field}")`, where: ALL_CORES, alias });
}

/** Growth a second of something that is counted without end. */
function rate(from: string, field: string, by: readonly string[], alias: string) {
  return influxql({ from, select: `non_negative_derivative(max("${field}"), 1s)`, by, alias });
}

const hosts: readonly Panel[] = [
  graph({
    title: "CPU",
    description: "Part of all cores of a host that is not idle.",
    unit: "percent",
    max: 100,
    limits: { worse: "above", worrying: 80, bad: 95 },
    queries: [
      influxql({
        from: "cpu",
        select: '100 - mean("usage_idle")',
        where: ALL_CORES,
        by: ["host"],
        alias: "$tag_host",
      }),
    ],
  }),
  graph({
    title: "What the CPU does",
    description: "Mean of all hosts: programs, kernel, waiting for disks, kept by other machines.",
    unit: "percent",
    max: 100,
    queries: [
      atWork("usage_user", "programs"),
      atWork("usage_system", "kernel"),
      atWork("usage_iowait", "waiting for disks"),
      atWork("usage_steal", "kept by other machines"),
    ],
  }),
  graph({
    title: "Memory",
    description: "Part of a host's memory in use.",
    unit: "percent",
    max: 100,
    limits: { worse: "above", worrying: 80, bad: 95 },
    queries: [
      influxql({ from: "mem", select: 'mean("used_percent")', by: ["host"], alias: "$tag_host" }),
    ],
  }),
  graph({
    title: "Load",
    description:
      "Programs that run or want to for each core, mean of 5 minutes: above 1 some wait.",
    unit: "count",
    limits: { worse: "above", worrying: 1.5, bad: 4 },
    queries: [
      influxql({
        from: "system",
        select: 'mean("load5") / mean("n_cpus")',
        by: ["host"],
        alias: "$tag_host",
      }),
    ],
  }),
  graph({
    title: "Processes that cannot go on",
    description: "Waiting for a disk, or ended and not fetched by who started them.",
    unit: "count",
    queries: [
      influxql({
        from: "processes",
        select: 'max("blocked")',
        by: ["host"],
        alias: "$tag_host blocked",
      }),
      influxql({
        from: "processes",
        select: 'max("zombies")',
        by: ["host"],
        alias: "$tag_host ended",
      }),
    ],
  }),
  graph({
    title: "Switches between programs",
    description: "Of the kernel; many more than usual means too many threads for the cores.",
    unit: "perSecond",
    queries: [rate("kernel", "context_switches", ["host"], "$tag_host")],
  }),
];

const disks: readonly Panel[] = [
  graph({
    title: "File system of the node",
    description: "Part in use of what containers and their logs are on; from 85 % pods are moved.",
    unit: "percent",
    max: 100,
    limits: { worse: "above", worrying: 75, bad: 85 },
    queries: [
      influxql({
        from: "kubernetes_node",
        select: '100 * mean("fs_used_bytes") / mean("fs_capacity_bytes")',
        by: ["node_name"],
        alias: "$tag_node_name",
      }),
    ],
  }),
  graph({
    title: "Volumes",
    description: "Part in use of each volume of a pod that it keeps something on.",
    unit: "percent",
    max: 100,
    limits: { worse: "above", worrying: 75, bad: 90 },
    queries: [
      influxql({
        from: "kubernetes_pod_volume",
        select: '100 * mean("used_bytes") / mean("capacity_bytes")',
        by: ["pod_name", "volume_name"],
        alias: "$tag_pod_name $tag_volume_name",
      }),
    ],
  }),
  graph({
    title: "Read from disks",
    description: "Of each disk of a host; what is in memory already is not read.",
    unit: "bytesPerSecond",
    queries: [rate("diskio", "read_bytes", ["host", "name"], "$tag_host $tag_name")],
  }),
  graph({
    title: "Written to disks",
    description: "Of each disk of a host.",
    unit: "bytesPerSecond",
    queries: [rate("diskio", "write_bytes", ["host", "name"], "$tag_host $tag_name")],
  }),
];

const kubernetes: readonly Panel[] = [
  graph({
    title: "Network of the node",
    description: "Bytes that its main interface takes and gives.",
    unit: "bytesPerSecond",
    queries: [
      rate("kubernetes_node", "network_rx_bytes", ["node_name"], "$tag_node_name takes"),
      rate("kubernetes_node", "network_tx_bytes", ["node_name"], "$tag_node_name gives"),
    ],
  }),
  graph({
    title: "Memory of the containers",
    description: "What a container holds, largest one of its namespace.",
    unit: "bytes",
    queries: [
      influxql({
        from: "kubernetes_pod_container",
        select: 'max("memory_working_set_bytes")',
        by: ["namespace"],
        alias: "$tag_namespace",
      }),
    ],
  }),
];

const rooms: readonly Panel[] = [
  graph({
    title: "ZooKeeper: mean latency",
    description: "From a request to its answer, of all since the server started.",
    unit: "milliseconds",
    limits: { worse: "above", worrying: 20, bad: 100 },
    queries: [
      influxql({
        from: "zookeeper",
        select: 'max("avg_latency")',
        by: ["url"],
        alias: "$tag_url",
      }),
    ],
  }),
  graph({
    title: "Kafka: growth of topics",
    description: "Of the partition of a topic that has taken most: others take about as much.",
    unit: "messagesPerSecond",
    queries: [rate("kafka", "kafka_partition_end_offset", ["topic"], "$tag_topic")],
  }),
];

/** The hosts as Telegraf sees them, kept for longer than Prometheus keeps anything. */
export const hostsDashboard: Dashboard = dashboard({
  folder: "InfluxDB",
  uid: "hosts",
  title: "Hosts",
  rows: {
    "How busy are the hosts?": hosts,
    "Are disks and volumes full?": disks,
    "What do pods and the network take?": kubernetes,
    "What do the servers say?": rooms,
  },
});
