import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../kit/endpoint.ts";
import { metadataOf, selectorOf } from "../kit/labels.ts";
import { admitToMetrics } from "../kit/metrics.ts";
import type { Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { names } from "./config.ts";
import { grantKubeletAccess } from "./rbac.ts";
import {
  KUBELET_PORT,
  paths,
  renderNodeConf,
  renderServicesConf,
  telegrafSizes,
} from "./telegrafConfig.ts";
import { type TelegrafArgs, telegrafMetrics, telegrafPod } from "./telegrafPod.ts";

/** A room whose servers are asked for their metrics, each by itself. */
export interface AskedServers extends Pick<Monitored, "scrape"> {
  /** DNS name of each. */
  readonly hosts: readonly string[];
}

/** Namespace of the Telegrafs of the nodes. */
const NODES = "telegraf";
/** Name of the pods that ask servers. */
const SERVICES = "telegraf";

type Telegraf = Omit<TelegrafArgs, "namespace">;

/**
 * A Telegraf on every node, in a namespace of their own: no other pod may have folders of its node.
 *
 * @returns their metrics
 */
export function createNodeTelegrafs(
  name: string,
  args: Telegraf,
  parent: pulumi.Resource,
): Endpoint {
  const { identity, platform, influxdb } = args;
  const level = "privileged";
  const namespace = createNamespace(NODES, { platform, holdsData: false, level }, parent);
  const common = { identity, namespace };
  const metrics = telegrafMetrics("telegraf", common, NODES);
  const connected = allowConnections(
    name,
    {
      ...common,
      purpose: "Telegraf counts what its node and the pods there use, and keeps it in InfluxDB.",
      uses: [influxdb],
      usesMachines: [KUBELET_PORT],
    },
    parent,
  );
  const account = createServiceAccount(name, common, parent);
  const template = telegrafPod(
    name,
    { ...args, namespace },
    NODES,
    {
      serviceAccount: grantKubeletAccess(name, common, account, parent),
      conf: renderNodeConf(telegrafSizes[platform.scale]),
      asks: [],
      env: nodeEnv(),
      volumes: nodeVolumes(),
      mounts: [
        ...HOST_FOLDERS.map((of) => ({
          name: of,
          mountPath: `${paths.host}/${of}`,
          readOnly: true,
        })),
        { name: "token", mountPath: paths.token, readOnly: true },
      ],
    },
    parent,
  );
  new k8s.apps.v1.DaemonSet(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: SERVICES },
      spec: {
        selector: { matchLabels: { ...selectorOf(identity) } },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
        template,
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
  return metrics;
}

/** Folders of the node: what its kernel tells. */
const HOST_FOLDERS = ["proc", "sys"] as const;

function nodeEnv(): k8s.types.input.core.v1.EnvVar[] {
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
  });
  return [
    field("NODE_NAME", "spec.nodeName"),
    field("NODE_IP", "status.hostIP"),
    { name: "HOST_PROC", value: `${paths.host}/proc` },
    { name: "HOST_SYS", value: `${paths.host}/sys` },
  ];
}

function nodeVolumes(): k8s.types.input.core.v1.Volume[] {
  const ca = { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] };
  const sources = [
    { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
    { configMap: ca },
  ];
  return [
    ...HOST_FOLDERS.map((name) => ({
      name,
      hostPath: { path: `/${name}`, type: "Directory" },
    })),
    { name: "token", projected: { defaultMode: 0o440, sources } },
  ];
}

/**
 * One Telegraf that asks servers for their metrics, so that no server is asked by every node.
 *
 * @param args `namespace` is that of the database
 * @returns its metrics
 */
export function createServicesTelegraf(
  name: string,
  args: TelegrafArgs & { readonly zookeeper: AskedServers; readonly kafka: AskedServers },
  parent: pulumi.Resource,
): Endpoint {
  const { identity, namespace, platform, influxdb, zookeeper, kafka } = args;
  const common = { identity, namespace };
  const metrics = telegrafMetrics("telegraf-services", common, names.namespace);
  const targets = [...pagesOf(zookeeper), ...pagesOf(kafka)];
  const asks = targets.map(({ endpoint }) => endpoint);
  const purpose = "Telegraf asks these pods for their metrics.";
  admitToMetrics(name, targets, { identity, purpose }, parent);
  const connected = allowConnections(
    name,
    {
      ...common,
      purpose: "Telegraf asks servers for their metrics, and keeps them in InfluxDB.",
      uses: [influxdb, ...asks],
    },
    parent,
  );
  const { buffer } = telegrafSizes[platform.scale];
  const conf = influxdb.host.apply((host) =>
    renderServicesConf({
      buffer,
      influxdb: host,
      zookeeper: urlsOf(zookeeper),
      kafka: urlsOf(kafka),
    }),
  );
  const serviceAccount = createServiceAccount(name, common, parent);
  const more = { env: [], volumes: [], mounts: [] };
  const pod = { serviceAccount, conf, asks, ...more };
  new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: SERVICES },
      spec: {
        replicas: 1,
        selector: { matchLabels: { ...selectorOf(identity) } },
        // Two would write everything twice.
        strategy: { type: "Recreate" },
        template: telegrafPod(name, args, names.namespace, pod, parent),
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
  return metrics;
}

/** Pages at the common path; others are for Prometheus alone. */
function pagesOf({ scrape }: AskedServers): readonly ScrapeTarget[] {
  return scrape.filter(({ path }) => path === undefined);
}

function urlsOf(servers: AskedServers): string[] {
  return pagesOf(servers).flatMap(({ endpoint: { tls, port } }) =>
    servers.hosts.map((host) => `${tls ? "https" : "http"}://${host}:${port}`),
  );
}
