import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { versionOf } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import type { Consumer } from "../kit/consumer.ts";
import { accessLabelsFor, type Endpoint } from "../kit/endpoint.ts";
import type { Identity } from "../kit/labels.ts";
import { metricsEndpoint } from "../kit/metrics.ts";
import type { AlertRule, Monitored, ScrapeTarget } from "../kit/monitor.ts";
import { createNamespace } from "../kit/namespace.ts";
import { requireOdd } from "../kit/quorum.ts";
import type { WebInterface } from "../kit/webInterface.ts";
import { renderAcl } from "./acl.ts";
import { createAgents } from "./agents.ts";
import { alertsOf } from "./alerts.ts";
import { dnsPorts, names, ports } from "./config.ts";
import { consulDashboard } from "./dashboard.ts";
import { createIdentities, servedName } from "./identities.ts";
import { createReviewer } from "./reviewer.ts";
import { randomGossipKey, randomToken } from "./secrets.ts";
import { createServers, type ServersArgs } from "./servers.ts";
import { keepSetUp } from "./setUp.ts";

/** What Consul is made of. */
export interface ConsulArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Whom its clients are certified by, and its own API. */
  readonly authority: CertificateAuthority;
  /** Everybody who may log in, and what each may do then. */
  readonly consumers: readonly Consumer[];
  /** How many servers; odd, so that a majority exists. @default 3 */
  readonly replicas?: number;
  /** Version of Consul. @default that of the version table */
  readonly version?: string;
  /** Name of the datacenter. @default "dc1" */
  readonly datacenter?: string;
  /** Domain of the name service. @default "consul" */
  readonly domain?: string;
  /** Another number makes another key for gossip, and has the agents change to it. @default 1 */
  readonly gossipKeyEdition?: number;
}

/**
 * Consul in a namespace of its own: servers that survive the loss of any minority of them, each with
 * a volume, and a client agent on every node, which programs of that node register with. Nothing
 * listens in plain text but the name service; who has no certificate of the stack's authority gets
 * no answer, and who has not logged in may nothing.
 *
 * @throws pulumi.RunError on an even or impossible number of servers
 */
export class Consul extends pulumi.ComponentResource implements Monitored {
  readonly room = "consul";
  readonly scrape: readonly ScrapeTarget[];
  readonly alerts: readonly AlertRule[];
  readonly dashboards = [consulDashboard];
  /** API of the agent of the client's own node, TLS. Known once everybody can log in. */
  readonly endpoint: Endpoint;
  /** The servers' web interface, which asks people for a token. Known once everybody can log in. */
  readonly ui: WebInterface;
  /** Token that may do everything, for people; secret. */
  readonly managementToken: pulumi.Output<string>;

  constructor(name: string, args: ConsulArgs, opts?: pulumi.ComponentResourceOptions) {
    const replicas = args.replicas ?? 3;
    requireOdd("consul", replicas);
    super(
      "web-greetings:consul:Consul",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const version = args.version ?? versionOf("consul");
    const identityOf = (component: string) => ({
      name: "consul",
      instance: name,
      component,
      version,
    });
    const { platform, authority, datacenter = "dc1", domain = "consul" } = args;
    const namespace = createNamespace(names.namespace, { platform, holdsData: true }, this);
    const server = identityOf("server");
    const agent = identityOf("agent");
    const certificates = createIdentities(
      name,
      { authority, datacenter, domain, namespace, server, agent },
      this,
    );
    const secrets = createSecrets(name, args.gossipKeyEdition ?? 1, this);
    const members = { namespace, platform, datacenter, domain, ...secrets, memberLabels };
    const { ready, rpc, ui } = startServers(
      name,
      {
        ...members,
        identity: server,
        certificates: certificates.server,
        replicas,
      },
      { identity: identityOf("set-up"), acl: renderAcl(args.consumers) },
      this,
    );
    const accessLabels = accessLabelsFor("consul");
    const agents = createAgents(
      `${name}-agent`,
      {
        ...members,
        // The agents' tokens are there once the set-up has made them.
        namespace: pulumi.all([namespace, ready]).apply(([inside]) => inside),
        identity: agent,
        certificates: certificates.agent,
        accessLabels,
        servers: rpc,
      },
      this,
    );
    this.endpoint = serveClients(
      `${name}-agent`,
      {
        identity: agent,
        namespace,
        service: names.agents,
        port: { name: "https", number: ports.https },
        morePorts: dnsPorts,
        accessLabels,
        servers: agents,
        leadsTo: "sameNode",
      },
      this,
    );
    this.ui = ui;
    this.managementToken = secrets.managementToken;
    this.scrape = [
      scrapeOf("consul", metricsOf(server, "server", namespace)),
      scrapeOf("consul-agent", metricsOf(agent, "agent", namespace)),
    ];
    this.alerts = alertsOf(replicas);
    this.registerOutputs({ host: this.endpoint.host, port: this.endpoint.port });
  }
}

/** Servers and agents answer under the name of their service, and with metrics to a token alone. */
function metricsOf(
  identity: Identity,
  part: "server" | "agent",
  namespace: pulumi.Output<string>,
): Endpoint {
  const of = part === "server" ? "consul" : "consul-agent";
  return metricsEndpoint(of, { identity, namespace, port: ports.https, tlsName: servedName(part) });
}

function scrapeOf(job: string, endpoint: Endpoint): ScrapeTarget {
  const path = "/v1/agent/metrics";
  return { job, endpoint, path, params: { format: "prometheus" }, login: "consul" };
}

/** By this label servers and client agents let each other in, and nobody else of their namespace. */
const memberLabels = { "members.web-greetings/consul": "true" };

/**
 * The servers, and the set-up of what they keep.
 *
 * @returns the set-up's name, known once it is complete, what agents talk to the servers by, and the
 * servers' web interface
 */
function startServers(
  name: string,
  args: Omit<ServersArgs, "accessLabels"> & { readonly dnsToken: pulumi.Output<string> },
  setUp: { readonly identity: Identity; readonly acl: string },
  parent: pulumi.Resource,
): { readonly ready: pulumi.Output<string>; readonly rpc: Endpoint; readonly ui: WebInterface } {
  const { identity, namespace, platform } = args;
  // Nobody but the set-up and who shows their web interface to people talks to the servers' API.
  const accessLabels = accessLabelsFor("consul-servers");
  const servers = serveClients(
    name,
    {
      identity,
      namespace: pulumi.output(namespace),
      service: names.servers,
      port: { name: "https", number: ports.https },
      accessLabels,
      servers: createServers(name, { ...args, accessLabels }, parent),
    },
    parent,
  );
  const common = { identity: setUp.identity, namespace };
  const ready = keepSetUp(
    `${name}-set-up`,
    {
      ...common,
      image: platform.image("consul-setup"),
      servers,
      certificates: args.certificates,
      acl: setUp.acl,
      reviewer: createReviewer(`${name}-reviewer`, common, parent),
      secrets: {
        "management-token": args.managementToken,
        "gossip-key": args.gossipKey,
        "agent-token": args.agentToken,
        "dns-token": args.dnsToken,
      },
    },
    parent,
  );
  const host = pulumi.all([servers.host, ready]).apply(([known]) => known);
  return {
    ready,
    rpc: { ...servers, port: ports.server, accessLabels: memberLabels },
    ui: { endpoint: { ...servers, host }, path: "/ui/" },
  };
}

function createSecrets(name: string, gossipKeyEdition: number, parent: pulumi.Resource) {
  return {
    gossipKey: randomGossipKey(`${name}-gossip`, gossipKeyEdition, parent),
    managementToken: randomToken(`${name}-management-token`, parent),
    agentToken: randomToken(`${name}-agent-token`, parent),
    dnsToken: randomToken(`${name}-dns-token`, parent),
  };
}
