import { stringify } from "yaml";
import { type Dashboard, SCRAPE_SECONDS, sources } from "../kit/dashboard.ts";
import { fromFile, pathOf, paths, secrets } from "./config.ts";

/** A database of InfluxDB as Grafana reads it. */
export interface InfluxSource {
  /** `host:port`. */
  readonly address: string;
  readonly database: string;
  readonly user: string;
}

/** What Grafana asks. */
export interface SourcesArgs {
  /** `host:port` of Prometheus. */
  readonly prometheus: string;
  /** Undefined: there is none. */
  readonly influxdb: InfluxSource | undefined;
}

/** Whom to believe. */
const authority = { tlsCACert: fromFile(`${paths.tls}/ca.crt`) };

/**
 * The data sources, which nobody changes but the code. What is taken from files may hold no `$`:
 * Grafana would look for variables in it.
 * https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */
export function renderSources({ prometheus, influxdb }: SourcesArgs): string {
  const all = [renderPrometheus(prometheus), ...(influxdb ? [renderInflux(influxdb)] : [])];
  return stringify({
    apiVersion: 1,
    // What was here before and is no more goes from Grafana too.
    prune: true,
    datasources: all.map((source) => ({ access: "proxy", orgId: 1, editable: false, ...source })),
  });
}

/** Over TLS, with Grafana's own certificate. */
function renderPrometheus(address: string): object {
  return {
    ...sources.prometheus,
    name: "Prometheus",
    url: `https://${address}`,
    isDefault: true,
    jsonData: {
      httpMethod: "POST",
      // How often targets are asked: `$__rate_interval` is four times that.
      timeInterval: `${SCRAPE_SECONDS}s`,
      manageAlerts: false,
      tlsAuth: true,
      tlsAuthWithCACert: true,
      tlsSkipVerify: false,
      serverName: address.replace(/:\d+$/, ""),
    },
    secureJsonData: {
      ...authority,
      tlsClientCert: fromFile(`${paths.tls}/tls.crt`),
      tlsClientKey: fromFile(`${paths.tls}/tls.key`),
    },
  };
}

/** Over TLS, as a user that may read: InfluxDB 1 knows no certificates of clients. */
function renderInflux({ address, database, user }: InfluxSource): object {
  return {
    ...sources.influxdb,
    name: "InfluxDB",
    url: `https://${address}`,
    user,
    jsonData: {
      version: "InfluxQL",
      dbName: database,
      httpMode: "POST",
      timeInterval: `${SCRAPE_SECONDS}s`,
      tlsAuth: false,
      tlsAuthWithCACert: true,
      tlsSkipVerify: false,
    },
    secureJsonData: {
      ...authority,
      password: fromFile(`${paths.secrets}/${secrets.influxdb}`),
    },
  };
}

/**
 * Where Grafana finds dashboards: a folder of its own for those of each of ours. One that is gone
 * from the code goes from Grafana too.
 */
export function renderProviders(dashboards: readonly Dashboard[]): string {
  const folders = [...new Set(dashboards.map(({ folder }) => folder))];
  return stringify({
    apiVersion: 1,
    providers: folders.map((folder) => ({
      name: pathOf(folder),
      orgId: 1,
      folder,
      folderUid: pathOf(folder),
      type: "file",
      disableDeletion: false,
      allowUiUpdates: false,
      // Other dashboards are another pod: there is nothing to look out for.
      updateIntervalSeconds: 3600,
      options: { path: `${paths.dashboards}/${pathOf(folder)}` },
    })),
  });
}
