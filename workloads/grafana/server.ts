import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Leaf } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { checksum } from "../kit/checksum.ts";
import { type ConfigFiles, createConfigFiles } from "../kit/configFiles.ts";
import type { Dashboard } from "../kit/dashboard.ts";
import { accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import type { Identity, Labels } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import { fileOf, files, names, PORT, renderIni, STOP_SECONDS, secrets, sizes } from "./config.ts";
import { grafanaContainer, volumeOf } from "./containers.ts";
import { renderProviders, renderSources } from "./provisioning.ts";

/** A database of InfluxDB, and the right to read it. */
export interface InfluxReader {
  readonly endpoint: Endpoint;
  /** Name of the database. */
  readonly database: string;
  /** User of InfluxDB that may read it; the password is secret and holds no `$`. */
  readonly reader: { readonly user: string; readonly password: pulumi.Output<string> };
}

/** What the server is made of. */
export interface ServerArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly platform: Platform;
  /** Labels of those who may open its pages. */
  readonly accessLabels: Labels;
  readonly leaf: Leaf;
  readonly prometheus: Endpoint;
  readonly influxdb: InfluxReader | undefined;
  readonly dashboards: readonly Dashboard[];
  /** The administrator's; secret. */
  readonly password: pulumi.Output<string>;
  /** Key of what it keeps of secrets in its database; secret. */
  readonly key: pulumi.Output<string>;
}

/** The server, one by itself: its database is a file. */
export function createServer(
  name: string,
  args: ServerArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const { identity, platform, influxdb, dashboards } = args;
  const uses = [args.prometheus, ...(influxdb ? [influxdb.endpoint] : [])];
  const namespace = allowConnections(
    name,
    {
      identity,
      namespace: args.namespace,
      purpose: "Grafana shows people what Prometheus and InfluxDB have measured.",
      serves: { ports: [PORT], accessLabels: args.accessLabels },
      uses,
    },
    parent,
  );
  const common = { identity, namespace };
  const config = createConfig(name, args, common, parent);
  const shown = dashboards.map((of) => createDashboard(name, of, common, parent));
  const secret = createSecretFiles(name, common, secretsOf(args), parent);
  const tls = createTlsSecret(name, { ...common, leaf: args.leaf }, "tls", parent);
  const size = sizes[platform.scale];
  return createStatefulService(
    name,
    {
      ...common,
      platform,
      serviceAccount: createServiceAccount(name, common, parent),
      replicas: 1,
      podName: names.service,
      serversName: names.servers,
      ports: { https: PORT },
      podLabels: accessTo(uses),
      checksums: {
        config: config.checksum,
        secrets: secret.checksum,
        certificate: tls.checksum,
        dashboards: checksum(Object.fromEntries(dashboards.map((of) => [of.uid, of.json]))),
      },
      initContainers: [],
      containers: [grafanaContainer(identity.version, size, dashboards)],
      volumes: [
        config.volume,
        secret.volume,
        tls.volume,
        ...shown,
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
      data: { volume: "data", sizeGiB: size.dataGiB, isKept: false },
      stopSeconds: STOP_SECONDS,
    },
    parent,
  );
}

interface Common {
  readonly identity: Identity;
  readonly namespace: pulumi.Output<string>;
}

/** Known once the data sources answer. */
function createConfig(
  name: string,
  { prometheus, influxdb, dashboards }: ServerArgs,
  common: Common,
  parent: pulumi.Resource,
): ConfigFiles {
  const [first] = dashboards;
  const influx = influxdb
    ? addressOf(influxdb.endpoint).apply((address) => ({
        address,
        database: influxdb.database,
        user: influxdb.reader.user,
      }))
    : undefined;
  const asked = pulumi.all([addressOf(prometheus), pulumi.output(influx)]);
  return createConfigFiles(
    name,
    {
      ...common,
      files: {
        [files.ini]: renderIni(first ? fileOf(first) : undefined),
        [files.sources]: asked.apply(([address, of]) =>
          renderSources({ prometheus: address, influxdb: of }),
        ),
        [files.providers]: renderProviders(dashboards),
      },
    },
    "config",
    parent,
  );
}

/** Each in a ConfigMap of its own: one may hold 1 MiB. Returns the volume. */
function createDashboard(name: string, of: Dashboard, common: Common, parent: pulumi.Resource) {
  const files = { [`${of.uid}.json`]: of.json };
  return createConfigFiles(`${name}-${of.uid}`, { ...common, files }, volumeOf(of), parent).volume;
}

function secretsOf({ password, key, influxdb }: ServerArgs): Record<string, pulumi.Output<string>> {
  return {
    [secrets.admin]: password,
    [secrets.key]: key,
    ...(influxdb ? { [secrets.influxdb]: influxdb.reader.password } : {}),
  };
}
