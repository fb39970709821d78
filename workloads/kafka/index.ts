import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { versionOf } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import { accessLabelsFor, type Endpoint } from "../kit/endpoint.ts";
import { METRICS_PORT, metricsEndpoint } from "../kit/metrics.ts";
import type { AlertRule, Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import type { ZooKeeper } from "../zookeeper/index.ts";
import { alertsOf } from "./alerts.ts";
import { createBrokers } from "./brokers.ts";
import {
  brokerHosts,
  dnsNames,
  names,
  ports,
  renderReaders,
  renderTopics,
  requireSound,
  SERVED_NAME,
  type Topic,
} from "./config.ts";
import { kafkaDashboard } from "./dashboard.ts";
import { runTopicsJob } from "./topicsJob.ts";

/** What a Kafka cluster is made of. */
export interface KafkaClusterArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Whom brokers and clients are certified by. */
  readonly authority: CertificateAuthority;
  /** Where the brokers keep who leads what. */
  readonly zookeeper: ZooKeeper;
  /** Topics as they are to be; what is raised or changed here is applied, what is left out stays. */
  readonly topics: readonly Topic[];
  /** How many brokers, 3 to 99. @default 3 */
  readonly replicas?: number;
  /** Heap of a broker in MiB. @default 320 on a small target, 4096 on a full one */
  readonly heapMiB?: number;
  /** Version of Kafka, up to 3.9. @default that of the version table */
  readonly version?: string;
}

/**
 * A Kafka cluster on ZooKeeper, in a namespace of its own, with a volume a broker. Every message is
 * in three brokers and acknowledged by two; brokers roll one by one, each waiting until the one
 * before holds everything again. Clients need a certificate of the stack's authority.
 *
 * @throws pulumi.RunError on fewer than 3 brokers, and on a Kafka that does not run on ZooKeeper
 */
export class KafkaCluster extends pulumi.ComponentResource implements Monitored {
  readonly room = "kafka";
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts: readonly AlertRule[];
  readonly dashboards = [kafkaDashboard];
  /** For clients, TLS: any broker, which names the others. Known once brokers are ready. */
  readonly endpoint: Endpoint;
  /** DNS names of the brokers, each by itself. */
  readonly hosts: readonly string[];
  readonly #topicNames: readonly string[];
  readonly #topicsJob: pulumi.Output<string>;

  constructor(name: string, args: KafkaClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const replicas = args.replicas ?? 3;
    const version = args.version ?? versionOf("kafka");
    requireSound(replicas, version);
    super(
      "web-greetings:kafka:KafkaCluster",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const { platform } = args;
    const identity = { name: "kafka", instance: name, component: "broker", version };
    const namespace = createNamespace(names.namespace, { platform, holdsData: true }, this);
    const common = { identity, namespace };
    const leaf = args.authority.issue(
      name,
      { commonName: "kafka", dnsNames: dnsNames() },
      { parent: this },
    );
    const tls = createTlsSecret(name, { ...common, leaf }, "tls", this);
    const image = platform.image("kafka-agent");
    const accessLabels = accessLabelsFor("kafka");
    const metrics = metricsEndpoint("kafka", {
      identity,
      namespace,
      port: METRICS_PORT,
      tlsName: SERVED_NAME,
    });
    const readers = renderReaders(args.topics);
    const { heapMiB } = args;
    const zookeeper = args.zookeeper.endpoint;
    const servers = createBrokers(
      name,
      {
        ...common,
        platform,
        zookeeper,
        image,
        tls,
        accessLabels,
        readers,
        replicas,
        heapMiB,
      },
      this,
    );
    this.endpoint = serveClients(
      name,
      {
        identity,
        namespace,
        service: names.service,
        port: { name: "kafka", number: ports.kafka },
        accessLabels,
        servers,
      },
      this,
    );
    this.#topicNames = args.topics.map((topic) => topic.name);
    this.#topicsJob = runTopicsJob(
      `${name}-topics`,
      {
        identity: { ...identity, component: "topics" },
        namespace,
        image,
        kafka: this.endpoint,
        tls,
        topics: renderTopics(args.topics),
      },
      this,
    );
    this.hosts = brokerHosts(replicas);
    this.scrape = [
      { job: "kafka-agent", endpoint: metrics },
      { job: "kafka", endpoint: metrics, path: "/jvm", intervalSeconds: 30 },
    ];
    this.alerts = alertsOf(replicas);
    this.registerOutputs({ host: this.endpoint.host, port: this.endpoint.port });
  }

  /**
   * Name of a declared topic, known once the topic is there: what depends on it comes after.
   *
   * @throws Error when the topic is not among those declared
   */
  topic(name: string): pulumi.Output<string> {
    if (!this.#topicNames.includes(name)) {
      throw new Error(
        `no topic "${name}" is declared; allowed: ${this.#topicNames.join(", ")}; ` +
          "declare it among the topics of the cluster",
      );
    }
    return this.#topicsJob.apply(() => name);
  }
}
