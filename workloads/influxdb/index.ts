import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { appVersion, versionOf } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import { accessLabelsFor, type Endpoint } from "../kit/endpoint.ts";
import type { Identity } from "../kit/labels.ts";
import { metricsEndpoint } from "../kit/metrics.ts";
import type { AlertRule, Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import { alerts } from "./alerts.ts";
import { ADMIN, names, PORT, users } from "./config.ts";
import { hostsDashboard } from "./dashboard.ts";
import { createServer } from "./server.ts";
import { runSetUp } from "./setUp.ts";
import { type AskedServers, createNodeTelegrafs, createServicesTelegraf } from "./telegraf.ts";
import { defaultRetentions, type Retention, renderWanted, requireSound } from "./wanted.ts";

export type { Retention } from "./wanted.ts";

/** What InfluxDB and those who write to it are made of. */
export interface InfluxDbArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Who certifies it, and Telegraf. */
  readonly authority: CertificateAuthority;
  /** Its servers' metrics are kept. */
  readonly zookeeper: AskedServers;
  /** Its brokers' metrics are kept, as the agents beside them have them. */
  readonly kafka: AskedServers;
  /**
   * How long points are kept: the first ones all of them, the others means.
   * @default a week, and means of five minutes for a year
   */
  readonly retentions?: readonly Retention[];
  /** Version of InfluxDB, 1.8. @default that of the version table */
  readonly version?: string;
  /** Version of Telegraf. @default that of the version table */
  readonly telegrafVersion?: string;
}

/** The right to read what is there. */
export interface Reader {
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

/** A password that needs no quoting anywhere; kept in the state as a secret. */
function randomPassword(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length: 32, special: false }, { parent }).result;
}

/** Name in the server's certificate, which is that of its service. */
const HOST = `${names.service}.${names.namespace}.svc`;

/**
 * InfluxDB 1 with its volume, in a namespace of its own, and Telegraf, which writes to it what
 * nodes, pods and servers use. While InfluxDB is away, each Telegraf keeps its newest points (25,000 on a
 * small target, 80,000 on a full one: more than an hour of them); what is older is lost, and so is
 * what a Telegraf keeps when its pod goes.
 *
 * @throws pulumi.RunError on retentions that contradict each other
 */
export class InfluxDb extends pulumi.ComponentResource implements Monitored {
  /** For clients, TLS, each with a user and no certificate. Known once all users are made. */
  readonly endpoint: Endpoint;
  readonly reader: Reader;
  readonly database: string = names.database;
  readonly room = "influxdb";
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts: readonly AlertRule[] = alerts;
  readonly dashboards = [hostsDashboard];

  constructor(name: string, args: InfluxDbArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, authority, zookeeper, kafka, retentions = defaultRetentions } = args;
    requireSound(retentions);
    super(
      "web-greetings:influxdb:InfluxDb",
      name,
      {},
      {
        ...opts,
        providers: [platform.provider],
      },
    );
    const version = args.version ?? versionOf("influxdb");
    const identity = { name: "influxdb", instance: name, component: "server", version };
    const namespace = createNamespace(names.namespace, { platform, holdsData: true }, this);
    const common = { identity, namespace };
    const metrics = metricsEndpoint("influxdb", { ...common, port: PORT, tlsName: HOST });
    const passwordOf = (user: string) => randomPassword(`${name}-${user}`, this);
    const password = passwordOf(ADMIN);
    const { server, caPem } = createDatabase(
      name,
      { platform, authority, ...common, password },
      this,
    );
    const writer = passwordOf(users.writer);
    this.reader = { user: users.reader, password: passwordOf(users.reader) };
    const setUp = runSetUp(
      `${name}-set-up`,
      {
        identity: { ...identity, component: "set-up", version: appVersion },
        namespace,
        image: platform.image("influx-setup"),
        server,
        caPem,
        wanted: renderWanted(retentions),
        passwords: {
          [ADMIN]: password,
          [users.writer]: writer,
          [users.reader]: this.reader.password,
        },
      },
      this,
    );
    // Whoever comes before its user is there is refused, and Telegraf throws away what is refused.
    const host = pulumi.all([server.host, setUp]).apply(([known]) => known);
    this.endpoint = { ...server, host };
    const telegraf = (component: string): Identity => ({
      name: "telegraf",
      instance: name,
      component,
      version: args.telegrafVersion ?? versionOf("telegraf"),
    });
    const writing = { platform, authority, influxdb: this.endpoint, password: writer };
    const nodes = createNodeTelegrafs("telegraf", { ...writing, identity: telegraf("node") }, this);
    const services = createServicesTelegraf(
      "telegraf-services",
      { ...writing, identity: telegraf("services"), namespace, zookeeper, kafka },
      this,
    );
    this.scrape = [
      { job: "influxdb", endpoint: metrics },
      { job: "telegraf", endpoint: nodes },
      { job: "telegraf-services", endpoint: services },
    ];
    this.registerOutputs({ host: this.endpoint.host, port: this.endpoint.port });
  }
}

/** The server, its certificate and its policy; how clients reach it before it is set up. */
function createDatabase(
  name: string,
  args: Pick<InfluxDbArgs, "platform" | "authority"> & {
    readonly identity: Identity;
    readonly namespace: pulumi.Output<string>;
    /** The administrator's; secret. */
    readonly password: pulumi.Output<string>;
  },
  parent: pulumi.Resource,
): { readonly server: Endpoint; readonly caPem: pulumi.Output<string> } {
  const { identity, namespace, platform, password } = args;
  const common = { identity, namespace };
  const dnsNames = [HOST, `${HOST}.cluster.local`];
  const leaf = args.authority.issue(name, { commonName: "influxdb", dnsNames }, { parent });
  const accessLabels = accessLabelsFor("influxdb");
  const connected = allowConnections(
    name,
    {
      ...common,
      purpose: "InfluxDB keeps what Telegraf counts, for those who look back.",
      serves: { ports: [PORT], accessLabels },
    },
    parent,
  );
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  const servers = createServer(
    name,
    { identity, platform, namespace: connected, tls, password },
    parent,
  );
  const port = { name: "https", number: PORT };
  const service = { ...common, service: names.service, port, accessLabels, servers };
  return { server: serveClients(name, service, parent), caPem: leaf.caPem };
}
