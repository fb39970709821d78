import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { versionOf } from "../../infra/versions.ts";
import type { Consumer } from "../kit/consumer.ts";
import type { Endpoint } from "../kit/endpoint.ts";
import { metadataOf, selectorOf } from "../kit/labels.ts";
import { METRICS_PORT, metricsEndpoint } from "../kit/metrics.ts";
import type { Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { alerts } from "./alerts.ts";
import { names, requireReplicas, SERVED_NAME, SERVICE_PORT } from "./config.ts";
import { edgeDashboard } from "./dashboard.ts";
import { createPods } from "./pods.ts";

/** What the edge needs. */
export interface EdgeArgs {
  /** Where it runs, and where its agent's image comes from. */
  readonly platform: Platform;
  /** Who certifies it, towards people and towards Consul. */
  readonly authority: CertificateAuthority;
  /** Who knows where the API's pods are. */
  readonly consul: Endpoint;
  /** The API, at the port of its pods. */
  readonly upstream: Endpoint;
  /** How many pods. @default 2 */
  readonly replicas?: number;
  /** Names and addresses by which people open it, besides that of its service. @default none */
  readonly hosts?: readonly string[];
}

/**
 * The way in: nginx, which ends TLS and passes requests on to the pods of the API whose checks in
 * Consul pass, as consul-template writes them down. While Consul is away the last ones stay.
 *
 * @throws pulumi.RunError on a number of pods that cannot be
 */
export class Edge extends pulumi.ComponentResource implements Monitored {
  readonly room = "edge";
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts = alerts;
  readonly dashboards = [edgeDashboard];
  /** What it may do in Consul. */
  static readonly consumers: readonly Consumer[] = [
    {
      name: names.service,
      namespace: names.namespace,
      serviceAccount: names.serviceAccount,
      registers: [names.service],
      reads: [names.upstream],
    },
  ];
  /** Its service, type NodePort, HTTPS. */
  readonly service: k8s.core.v1.Service;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    const replicas = args.replicas ?? 2;
    requireReplicas(replicas);
    super(
      "web-greetings:edge:Edge",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const identity = {
      name: "edge",
      instance: name,
      component: "proxy",
      version: versionOf("nginx"),
    };
    const { platform, authority, consul, upstream, hosts = [] } = args;
    const namespace = createNamespace(names.namespace, { platform, holdsData: false }, this);
    const metrics = metricsEndpoint("edge", {
      identity,
      namespace,
      port: METRICS_PORT,
      tlsName: SERVED_NAME,
    });
    const pods = createPods(
      name,
      {
        identity,
        platform,
        authority,
        namespace,
        consul,
        upstream,
        replicas,
        hosts,
      },
      this,
    );
    this.service = new k8s.core.v1.Service(
      name,
      {
        metadata: { ...metadataOf(identity, namespace), name: names.service },
        spec: {
          type: "NodePort",
          selector: { ...selectorOf(identity) },
          ports: [{ name: "https", port: SERVICE_PORT, targetPort: "https", protocol: "TCP" }],
        },
      },
      { parent: this, customTimeouts: ROLLOUT, dependsOn: [pods] },
    );
    this.scrape = [{ job: "edge", endpoint: metrics }];
    this.registerOutputs({ service: this.service.metadata.name });
  }
}
