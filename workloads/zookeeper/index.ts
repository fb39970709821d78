import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { imageAt, versionOf } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { accessLabelsFor, type Endpoint } from "../kit/endpoint.ts";
import { javaSecurity } from "../kit/java.ts";
import type { Identity } from "../kit/labels.ts";
import { metricsEndpoint } from "../kit/metrics.ts";
import type { Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { requireOdd } from "../kit/quorum.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import { createTlsSecret, type TlsSecret } from "../kit/tlsSecret.ts";
import { alerts } from "./alerts.ts";
import {
  paths,
  ports,
  renderLogback,
  renderProbe,
  renderStart,
  renderZooCfg,
  sizes,
} from "./config.ts";
import { zookeeperDashboard } from "./dashboard.ts";

/** What a ZooKeeper ensemble is made of. */
export interface ZooKeeperArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Whom its clients are certified by, and its own certificate. */
  readonly authority: CertificateAuthority;
  /** How many servers; odd, so that a majority exists. @default 3 */
  readonly replicas?: number;
  /** Version of ZooKeeper. @default that of the version table */
  readonly version?: string;
}

const NAMESPACE = "zookeeper";
const SERVICE = "zookeeper";
const SERVERS = "zookeeper-servers";

/**
 * A ZooKeeper ensemble that survives the loss of any minority of its servers, in a namespace of its
 * own, with a volume a server. Clients need a certificate of the stack's authority; servers accept
 * each other by certificates of an authority that signs for nobody else.
 *
 * @throws pulumi.RunError on an even or impossible number of servers
 */
export class ZooKeeper extends pulumi.ComponentResource implements Monitored {
  readonly room = "zookeeper";
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts = alerts;
  readonly dashboards = [zookeeperDashboard];
  /** For clients, TLS. Known once a majority of the servers is ready. */
  readonly endpoint: Endpoint;
  /** DNS names of the servers, each by itself. */
  readonly hosts: readonly string[];

  constructor(name: string, args: ZooKeeperArgs, opts?: pulumi.ComponentResourceOptions) {
    const replicas = args.replicas ?? 3;
    requireOdd("zookeeper", replicas);
    super(
      "web-greetings:zookeeper:ZooKeeper",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const version = args.version ?? versionOf("zookeeper");
    const identity = { name: "zookeeper", instance: name, component: "server", version };
    const namespace = createNamespace(
      NAMESPACE,
      { platform: args.platform, holdsData: true },
      this,
    );
    const accessLabels = accessLabelsFor("zookeeper");
    // ZooKeeper up to 3.9 has its metrics in the clear alone; there is nothing of its data in them.
    const metrics = metricsEndpoint("zookeeper", {
      identity,
      namespace,
      port: ports.metrics,
      tlsName: undefined,
    });
    const connected = allowConnections(
      name,
      {
        identity,
        namespace,
        purpose: "ZooKeeper's servers agree with each other on what they keep for their clients.",
        serves: { ports: [ports.client], accessLabels },
        peerPorts: [ports.quorum, ports.election],
      },
      this,
    );
    this.hosts = Array.from(
      { length: replicas },
      (_, ordinal) => `${SERVICE}-${ordinal}.${SERVERS}.${NAMESPACE}.svc`,
    );
    const { hosts } = this;
    const servers = createServers(name, { ...args, replicas, hosts }, identity, connected, this);
    this.endpoint = serveClients(
      name,
      {
        identity,
        namespace,
        service: SERVICE,
        port: { name: "client", number: ports.client },
        accessLabels,
        servers,
      },
      this,
    );
    this.scrape = [{ job: "zookeeper", endpoint: metrics }];
    this.registerOutputs({ host: this.endpoint.host, port: this.endpoint.port });
  }
}

function createServers(
  name: string,
  args: ZooKeeperArgs & { readonly replicas: number; readonly hosts: readonly string[] },
  identity: Identity,
  namespace: pulumi.Output<string>,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const common = { identity, namespace };
  const files = {
    "zoo.cfg": renderZooCfg({ servers: args.hosts }),
    "logback.xml": renderLogback(),
    "java.security": javaSecurity,
  };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const { tls, quorumTls } = createCertificates(name, args.authority, common, parent);
  const size = sizes[args.platform.scale];
  return createStatefulService(
    name,
    {
      ...common,
      platform: args.platform,
      serviceAccount: createServiceAccount(name, common, parent),
      replicas: args.replicas,
      podName: SERVICE,
      serversName: SERVERS,
      ports: { client: ports.client, quorum: ports.quorum, election: ports.election },
      podLabels: {},
      checksums: {
        config: config.checksum,
        certificate: tls.checksum,
        "quorum-certificate": quorumTls.checksum,
      },
      initContainers: [],
      containers: [serverContainer(identity.version, args.platform)],
      volumes: [
        config.volume,
        tls.volume,
        quorumTls.volume,
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
      data: { volume: "data", sizeGiB: size.dataGiB },
      stopSeconds: 30,
    },
    parent,
  );
}

function createCertificates(
  name: string,
  authority: CertificateAuthority,
  common: { readonly identity: Identity; readonly namespace: pulumi.Input<string> },
  parent: pulumi.Resource,
): { readonly tls: TlsSecret; readonly quorumTls: TlsSecret } {
  const servers = `*.${SERVERS}.${NAMESPACE}.svc`;
  const service = `${SERVICE}.${NAMESPACE}.svc`;
  const both = (host: string) => [host, `${host}.cluster.local`];
  const leaf = authority.issue(
    name,
    { commonName: "zookeeper", dnsNames: [...both(service), ...both(servers)] },
    { parent },
  );
  const quorum = new CertificateAuthority(
    `${name}-quorum`,
    { organization: "zookeeper quorum", edition: authority.edition, beside: authority },
    { parent },
  );
  const member = quorum.issue(`${name}-member`, {
    commonName: "zookeeper",
    dnsNames: both(servers),
  });
  return {
    tls: createTlsSecret(name, { ...common, leaf }, "tls", parent),
    quorumTls: createTlsSecret(`${name}-quorum`, { ...common, leaf: member }, "quorum-tls", parent),
  };
}

function serverContainer(version: string, platform: Platform): k8s.types.input.core.v1.Container {
  const size = sizes[platform.scale];
  const ask = (word: "ruok" | "srvr", pattern: string) => ({
    command: ["bash", "-ec", renderProbe(word, pattern)],
  });
  return {
    name: "zookeeper",
    image: imageAt("zookeeper", version),
    command: ["bash", "-ec", renderStart()],
    env: [
      { name: "ZK_SERVER_HEAP", value: `${size.heapMiB}` },
      {
        name: "SERVER_JVMFLAGS",
        value: [
          `-Djava.security.properties=${paths.config}/java.security`,
          ...size.jvmOptions,
        ].join(" "),
      },
      { name: "ZOO_LOG_DIR", value: "/tmp" },
      { name: "JMXDISABLE", value: "true" },
    ],
    ports: Object.entries(ports).map(([port, containerPort]) => ({
      name: port,
      containerPort,
      protocol: "TCP",
    })),
    startupProbe: probe(ask("ruok", "imok"), { every: 2, failures: 60 }),
    livenessProbe: probe(ask("ruok", "imok"), { every: 10, failures: 6 }),
    // Ready is who serves: a server without a majority answers, but not with a mode.
    readinessProbe: probe(ask("srvr", "*Mode:\\ @(leader|follower)*"), { every: 2, failures: 3 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "quorum-tls", mountPath: paths.quorumTls, readOnly: true },
      { name: "data", mountPath: paths.data },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
