import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { appVersion } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import type { Consumer } from "../kit/consumer.ts";
import type { Endpoint } from "../kit/endpoint.ts";
import { METRICS_PORT, metricsEndpoint } from "../kit/metrics.ts";
import type { Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { alerts } from "./alerts.ts";
import { API_ACCESS, createApp } from "./app.ts";
import { type Bounds, type Part, ports, requireBounds, WORKER_GROUP } from "./config.ts";
import { greetingsDashboard } from "./dashboard.ts";

/** What the greetings need. */
export interface GreetingsArgs {
  /** Where they run, and where their images come from. */
  readonly platform: Platform;
  /** Whom the apps are certified by towards Kafka. */
  readonly authority: CertificateAuthority;
  /** Where the apps register, and others find them. */
  readonly consul: Endpoint;
  /** Where texts go and come from. */
  readonly kafka: Endpoint;
  /** Topic that texts are put on. */
  readonly topic: pulumi.Input<string>;
  /** What has to stand before an app starts, besides what it is handed. @default nothing */
  readonly after?: readonly pulumi.Resource[];
  /** How many pods of the API there may be. @default 2 to 6 */
  readonly api?: Bounds;
  /** How many Workers; more than the topic has partitions would idle. @default 1 to 3 */
  readonly worker?: Bounds;
}

const NAMESPACE = "greetings";

/**
 * The API, which puts texts on a topic, and the Worker, which prints them. Both scale with the CPU
 * they use, and roll without a moment in which fewer than before are ready.
 *
 * @throws pulumi.RunError on numbers of pods that contradict each other
 */
export class Greetings extends pulumi.ComponentResource implements Monitored {
  readonly room = "greetings";
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts = alerts;
  readonly dashboards = [greetingsDashboard];
  /** Consumer group of the Workers. */
  static readonly workerGroup = WORKER_GROUP;
  /** What the apps may do in Consul: each registers itself, and looks nobody up. */
  static readonly consumers: readonly Consumer[] = (["api", "worker"] as const).map((part) => ({
    name: part,
    namespace: NAMESPACE,
    serviceAccount: part,
    registers: [part],
    reads: [],
  }));
  /** The API, plain HTTP. Known once it answers. */
  readonly api: Endpoint;

  constructor(name: string, args: GreetingsArgs, opts?: pulumi.ComponentResourceOptions) {
    const bounds: Readonly<Record<Part, Bounds>> = {
      api: args.api ?? { minReplicas: 2, maxReplicas: 6 },
      worker: args.worker ?? { minReplicas: 1, maxReplicas: 3 },
    };
    requireBounds("api", bounds.api);
    requireBounds("worker", bounds.worker);
    super(
      "web-greetings:greetings:Greetings",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const { platform, authority, consul, kafka, topic, after = [] } = args;
    const namespace = createNamespace(NAMESPACE, { platform, holdsData: false }, this);
    const identityOf = (component: Part) => ({
      name: "greetings",
      instance: name,
      component,
      version: appVersion,
    });
    const metricsOf = (part: Part) =>
      metricsEndpoint(part, {
        identity: identityOf(part),
        namespace,
        port: METRICS_PORT,
        tlsName: `${name}-${part}`,
      });
    const create = (part: Part) =>
      createApp(
        `${name}-${part}`,
        {
          part,
          identity: identityOf(part),
          platform,
          authority,
          namespace,
          consul,
          kafka,
          topic,
          after,
          bounds: bounds[part],
        },
        this,
      );
    create("worker");
    this.api = serveClients(
      `${name}-api`,
      {
        identity: identityOf("api"),
        namespace,
        service: "api",
        port: { name: "http", number: ports.http },
        accessLabels: API_ACCESS,
        servers: create("api"),
        tls: false,
      },
      this,
    );
    this.scrape = [
      { job: "api", endpoint: metricsOf("api") },
      { job: "worker", endpoint: metricsOf("worker") },
    ];
    this.registerOutputs({ host: this.api.host, port: this.api.port });
  }
}
