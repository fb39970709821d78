import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";

/** Names that the DNS, selectors and other rooms hold on to. */
export const names = {
  /** Namespace of the database, of its set-up and of the Telegraf that asks servers. */
  namespace: "influxdb",
  service: "influxdb",
  servers: "influxdb-servers",
  /** Database of everything that Telegraf writes. */
  database: "telegraf",
} as const;

/** Who may do everything; the password is in a file of this name. */
export const ADMIN = "admin";

/** User that may write, and user that may read; the passwords are in files of these names. */
export const users = { writer: "telegraf", reader: "grafana" } as const;

/** TCP port of queries and writes, TLS only. */
export const PORT = 8086;

/** Where the pod has its files. */
export const paths = {
  config: "/etc/influxdb",
  data: "/var/lib/influxdb",
  tls: "/tls",
  secrets: "/secrets",
} as const;

/** Sizes of the database. */
export interface Size extends Resources {
  /** MiB of points of one shard that are in memory alone (and in the log, if that matters). */
  readonly cacheMiB: number;
  /** Volume in GiB. */
  readonly dataGiB: number;
}

/** Sizes by target. */
export const sizes: Readonly<Record<Scale, Size>> = {
  small: { cpu: 0.02, cpuLimit: 1, memoryMiB: 256, cacheMiB: 64, dataGiB: 2 },
  full: { cpu: 0.25, cpuLimit: 2, memoryMiB: 2048, cacheMiB: 512, dataGiB: 50 },
};

/**
 * influxdb.conf: TLS and a password for everybody; the port for backups, which asks for neither, is
 * on loopback. Only what both 1.6, which Debian has, and 1.8 know.
 * https://docs.influxdata.com/influxdb/v1/administration/config/
 */
export function renderInfluxdbConf({ cacheMiB }: Pick<Size, "cacheMiB">): string {
  return lines([
    "reporting-disabled = true",
    'bind-address = "127.0.0.1:8088"',
    "[meta]",
    `  dir = "${paths.data}/meta"`,
    "[data]",
    `  dir = "${paths.data}/data"`,
    `  wal-dir = "${paths.data}/wal"`,
    // The index of series is on the volume: in memory it would grow with every pod there ever was.
    '  index-version = "tsi1"',
    "  query-log-enabled = false",
    `  cache-max-memory-size = "${cacheMiB}m"`,
    `  cache-snapshot-memory-size = "${Math.floor(cacheMiB / 4)}m"`,
    "[coordinator]",
    // A query that asks for too much must not take the memory of the writes.
    '  query-timeout = "60s"',
    "  max-concurrent-queries = 20",
    "[http]",
    `  bind-address = ":${PORT}"`,
    "  auth-enabled = true",
    "  https-enabled = true",
    `  https-certificate = "${paths.tls}/tls.crt"`,
    `  https-private-key = "${paths.tls}/tls.key"`,
    "  log-enabled = false",
    "  pprof-enabled = false",
    "  max-connection-limit = 200",
    "[subscriber]",
    "  enabled = false",
    "[monitor]",
    // Telegraf asks for the same, and writes it with the rest.
    "  store-enabled = false",
    "[continuous_queries]",
    "  log-enabled = false",
  ]);
}

/** Lines of a file. */
export function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
