import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { versionOf } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import type { Consumer } from "../kit/consumer.ts";
import { accessLabelsFor, type Endpoint } from "../kit/endpoint.ts";
import type { Labels } from "../kit/labels.ts";
import type { Monitored } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import type { WebInterface } from "../kit/webInterface.ts";
import { createAlertmanagers } from "./alertmanager.ts";
import type { Receiver } from "./alertmanagerConfig.ts";
import { mostBlocksGiB, names, ports, requireRetention } from "./config.ts";
import { kubernetesDashboard } from "./dashboard.ts";
import { createNodeExporters } from "./nodeExporter.ts";
import { ownTargets, ownWatched, type Part, type Parts, partsOf } from "./parts.ts";
import { createServers } from "./servers.ts";
import { sizes } from "./sizes.ts";
import { createStateMetrics } from "./stateMetrics.ts";

export type { DeadMansSwitch, Email, Receiver, Slack, Webhook } from "./alertmanagerConfig.ts";

/** What monitoring needs. */
export interface PrometheusArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Whom its programs are certified by, towards each other and towards those that they ask. */
  readonly authority: CertificateAuthority;
  /** Where it logs in to, to be told metrics of Consul itself. */
  readonly consul: Endpoint;
  /** The rooms that it watches over. */
  readonly rooms: readonly Monitored[];
  /** Version of Prometheus. @default that of the version table */
  readonly version?: string;
  /** Days that metrics are kept. @default 15 */
  readonly retentionDays?: number;
  /** GiB of metrics that are kept, where that is less. @default what fits on the volume */
  readonly retentionGiB?: number;
  /** Who gets to know of alerts. @default nobody: they are to be looked at */
  readonly receivers?: readonly Receiver[];
  /** Ends of the stack's certificates by their names, RFC 3339. @default none is watched over */
  readonly certificates?: pulumi.Output<Record<string, string>>;
}

/**
 * Monitoring: Prometheus, which asks every room, the nodes and Kubernetes for metrics; Alertmanager,
 * which tells people of what is wrong; kube-state-metrics and node-exporter. Each of them takes
 * nobody without a certificate of the stack's authority. What a room shows, it says itself; a room
 * that is not handed over has no job, no rule, and no way for Prometheus to reach it.
 *
 * @throws pulumi.RunError on more metrics than fit on the volume
 */
export class Prometheus extends pulumi.ComponentResource {
  /** What it may do in Consul: read what agents tell about themselves. */
  static readonly consumers: readonly Consumer[] = [
    {
      name: names.prometheus,
      namespace: names.namespace,
      serviceAccount: names.serviceAccount,
      registers: [],
      reads: [],
      metrics: true,
    },
  ];
  /** Prometheus' API, TLS. Known once it answers. */
  readonly endpoint: Endpoint;
  /** Alertmanager's API, TLS. Known once it answers. */
  readonly alertmanager: Endpoint;
  /** Prometheus' web interface. */
  readonly ui: WebInterface;
  /** Alertmanager's web interface. */
  readonly alertmanagerUi: WebInterface;
  /** What Grafana shows of nodes and pods. */
  readonly dashboards = [kubernetesDashboard];

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, authority } = args;
    const { dataGiB } = sizes[platform.scale];
    const retention = {
      days: args.retentionDays ?? 15,
      gib: args.retentionGiB ?? mostBlocksGiB(dataGiB),
    };
    requireRetention(retention.days, retention.gib, dataGiB);
    super(
      "web-greetings:prometheus:Prometheus",
      name,
      {},
      { ...opts, providers: [platform.provider] },
    );
    const namespace = createNamespace(names.namespace, { platform, holdsData: true }, this);
    const nodeNamespace = createNamespace(
      names.nodeNamespace,
      { platform, holdsData: false, level: "privileged" },
      this,
    );
    const version = args.version ?? versionOf("prometheus");
    const parts = partsOf(name, version, namespace, nodeNamespace);
    const common = { platform, authority };
    createStateMetrics(`${name}-state`, { ...parts["kube-state-metrics"], ...common }, this);
    createNodeExporters(`${name}-node`, { ...parts["node-exporter"], ...common }, this);
    const { receivers = [] } = args;
    this.alertmanager = serve(
      `${name}-alertmanager`,
      parts.alertmanager,
      { service: names.alertmanager, port: ports.alertmanager },
      (of, part) => createAlertmanagers(of, { ...part, ...common, receivers }, this),
      this,
    );
    this.endpoint = serve(
      name,
      parts.prometheus,
      { service: names.prometheus, port: ports.prometheus },
      (of, part) =>
        createServers(
          of,
          { ...part, ...common, ...watch(args, parts, this.alertmanager), retention },
          this,
        ),
      this,
    );
    this.ui = { endpoint: this.endpoint, path: "/" };
    this.alertmanagerUi = { endpoint: this.alertmanager, path: "/" };
    this.registerOutputs({ host: this.endpoint.host, port: this.endpoint.port });
  }
}

/** What Prometheus asks, whom it tells, and what it watches over. */
function watch(args: PrometheusArgs, parts: Parts, alertmanager: Endpoint) {
  const targets = args.rooms.flatMap(({ scrape }) => scrape.map((target) => ({ target })));
  const watched = args.rooms.map(({ room, scrape, alerts }) => {
    return { room, jobs: scrape.map(({ job }) => job), alerts };
  });
  return {
    consul: args.consul,
    alertmanager,
    asked: [...targets, ...ownTargets(parts)],
    watched: [...watched, ...ownWatched(parts)],
    certificates: args.certificates ?? pulumi.output<Record<string, string>>({}),
  };
}

/** Servers made of a part of the room, and a service before them that leads clients to any. */
function serve(
  name: string,
  part: Part,
  { service, port }: { readonly service: string; readonly port: number },
  create: (name: string, part: Part & { readonly accessLabels: Labels }) => k8s.apps.v1.StatefulSet,
  parent: pulumi.Resource,
): Endpoint {
  const { identity, namespace } = part;
  const accessLabels = accessLabelsFor(service);
  return serveClients(
    name,
    {
      identity,
      namespace,
      service,
      port: { name: "https", number: port },
      accessLabels,
      servers: create(name, { ...part, accessLabels }),
    },
    parent,
  );
}
