import type { Scale } from "../../infra/platform.ts";

import type { Resources } from "../kit/pod.ts";
import type { Port } from "../kit/port.ts";

/** Ports of Consul's agents, servers and clients alike; there is no port for plain HTTP. */
export const ports = {
  /** HTTP API and UI, TLS only. */
  https: 8501,
  /** gRPC, TLS only; servers alone. */
  grpcTls: 8503,
  /** Name service, over UDP and TCP; client agents alone. */
  dns: 8600,
  /** Servers to each other, and agents to servers. */
  server: 8300,
  /** Gossip of all agents, over UDP and TCP. */
  serfLan: 8301,
  /** Gossip of the servers of several datacenters, over UDP and TCP. */
  serfWan: 8302,
} as const;

/** Ports on which agents, servers among them, gossip with each other. */
export const gossipPorts: readonly Port[] = [ports.serfLan, { udp: ports.serfLan }];

/** Ports on which servers talk to each other. */
export const serverPorts: readonly Port[] = [
  ports.server,
  ...gossipPorts,
  ports.serfWan,
  { udp: ports.serfWan },
];

/** Ports on which client agents answer for names. */
export const dnsPorts: readonly Port[] = [ports.dns, { udp: ports.dns }];

/** Names that are part of addresses, so that they are fixed. */
export const names = {
  namespace: "consul",
  /** Service of the servers' API, and the StatefulSet: its pods are `consul-0`, ... */
  servers: "consul",
  /** Headless service, by which agents find the servers. */
  members: "consul-servers",
  /** Service of the client agents. */
  agents: "consul-agent",
  /** Service of their name service. */
  dns: "consul-dns",
  /** Deployment that makes and keeps policies, tokens and logins. */
  setUp: "consul-set-up",
} as const;

/** Where the pods have their files. */
export const paths = {
  config: "/consul/config",
  secrets: "/consul/secrets",
  data: "/consul/data",
  /** Certificate for clients. */
  tls: "/consul/tls",
  /** Certificate of the agents' own authority. */
  memberTls: "/consul/member-tls",
} as const;

/** Sizes of a server and of a client agent. */
export interface Sizes {
  readonly server: Resources;
  readonly agent: Resources;
}

/** Sizes by target. */
export const sizes: Readonly<Record<Scale, Sizes>> = {
  small: {
    server: { cpu: 0.02, cpuLimit: 2, memoryMiB: 256 },
    agent: { cpu: 0.02, cpuLimit: 2, memoryMiB: 128 },
  },
  full: {
    server: { cpu: 0.5, cpuLimit: 2, memoryMiB: 1024 },
    agent: { cpu: 0.1, cpuLimit: 1, memoryMiB: 256 },
  },
};

/** Size of a server's volume in GiB. */
export const DATA_GIB = 10;

/** What an agent's configuration depends on. */
export interface AgentConfigArgs {
  /** Name of the datacenter. */
  readonly datacenter: string;
  /** Domain of the name service: `<service>.service.<domain>`. */
  readonly domain: string;
}

/** What every agent shares, servers among them. https://developer.hashicorp.com/consul/docs/agent */
function basics({ datacenter, domain }: AgentConfigArgs) {
  return {
    datacenter,
    domain,
    data_dir: paths.data,
    bind_addr: "0.0.0.0",
    client_addr: "0.0.0.0",
    retry_join: [`${names.members}.${names.namespace}.svc`],
    // For ever: whoever starts first waits for the others.
    retry_interval: "2s",
    retry_max: 0,
    // Who stops says so: the others need not find out, and a new address is taken at once.
    leave_on_terminate: true,
    disable_update_check: true,
    log_json: true,
    telemetry: { prometheus_retention_time: "60s", disable_hostname: true },
    tls: {
      defaults: {
        ca_file: `${paths.tls}/ca.crt`,
        cert_file: `${paths.tls}/tls.crt`,
        key_file: `${paths.tls}/tls.key`,
        verify_incoming: true,
        verify_outgoing: true,
        tls_min_version: "TLSv1_3",
      },
      internal_rpc: {
        ca_file: `${paths.memberTls}/ca.crt`,
        cert_file: `${paths.memberTls}/tls.crt`,
        key_file: `${paths.memberTls}/tls.key`,
        verify_incoming: true,
        verify_outgoing: true,
        // An agent's certificate does not make it a server.
        verify_server_hostname: true,
      },
    },
    acl: {
      enabled: true,
      default_policy: "deny",
      // What was allowed stays so while no server answers.
      down_policy: "extend-cache",
    },
  };
}

/** What a server's configuration depends on. */
export interface ServerConfigArgs extends AgentConfigArgs {
  /** How many servers there are. */
  readonly replicas: number;
}

/** server.json: all of a server's configuration but its secrets. */
export function renderServer(args: ServerConfigArgs): string {
  return json({
    ...basics(args),
    server: true,
    bootstrap_expect: args.replicas,
    ui_config: { enabled: true },
    ports: {
      http: -1,
      https: ports.https,
      grpc: -1,
      grpc_tls: ports.grpcTls,
      dns: -1,
      server: ports.server,
      serf_lan: ports.serfLan,
      serf_wan: ports.serfWan,
    },
    // A leader that is gone is missed after a second, not after five.
    performance: { raft_multiplier: 1 },
    autopilot: {
      cleanup_dead_servers: true,
      // Never fewer than the servers that are meant to be: each comes back under its own identity.
      min_quorum: args.replicas,
    },
  });
}

/** agent.json: all of a client agent's configuration but its secrets. */
export function renderAgent(args: AgentConfigArgs): string {
  return json({
    ...basics(args),
    server: false,
    ports: { http: -1, https: ports.https, grpc: -1, grpc_tls: -1, dns: ports.dns },
    // Programs come and go; a check's change is told to the servers at once.
    check_update_interval: "0s",
  });
}

/** What is secret of an agent's configuration. */
export interface AgentSecrets {
  /** Key of the gossip, 32 bytes in base64. */
  readonly gossipKey: string;
  /** Tokens by what the agent needs them for. */
  readonly tokens: Readonly<Partial<Record<"initial_management" | "agent" | "dns", string>>>;
}

/** secrets.json: what Consul reads beside its configuration. */
export function renderSecrets({ gossipKey, tokens }: AgentSecrets): string {
  return json({ encrypt: gossipKey, acl: { tokens } });
}

/** The file by which curl knows this pod's certificate, and trusts no other than its authority. */
export function renderCurl(): string {
  return [
    "silent",
    "show-error",
    "fail",
    "max-time = 4",
    `cacert = ${paths.tls}/ca.crt`,
    `cert = ${paths.tls}/tls.crt`,
    `key = ${paths.tls}/tls.key`,
    "",
  ].join("\n");
}

/** Start of an agent under the name of its pod. */
export function renderStart(): string {
  const files = [paths.config, paths.secrets].map((path) => `-config-dir=${path}`);
  return `exec consul agent ${files.join(" ")} -node="$POD_NAME" -advertise="$POD_IP"\n`;
}

const api = `curl --config ${paths.config}/curl https://localhost:${ports.https}`;

/** Alive is who answers over TLS, whether there is a leader or not. */
export function renderAlive(): string {
  return `${api}/v1/status/leader\n`;
}

/** Ready is a client agent that reaches the leader. */
export function renderAgentReady(): string {
  return `${api}/v1/status/leader | grep -q :\n`;
}

/** Entries of the log that a server may be behind and still be well; Autopilot takes the same. */
const TRAILING = 250;

/**
 * Ready is a server that has a vote again and what the others have: then the next one may go.
 * Autopilot gives the vote to a server that came back only when it has been well for a while, but
 * the leader may send it the log no sooner than 10 s later, and until then nothing can be written
 * without it and the next one.
 * https://github.com/hashicorp/raft/blob/v1.7.0/replication.go (maxFailureScale)
 */
export function renderServerReady(): string {
  const own = ".Node == env.POD_NAME and .Voter";
  const ready =
    "([.Servers[].LastIndex] | max) as $last | " +
    `any(.Servers[]; ${own} and .LastIndex + ${TRAILING} >= $last)`;
  return [
    // Not by one pipe: jq 1.6 finds nothing wrong with no answer at all.
    `answer=$(${api}/v1/operator/raft/configuration --header @${paths.secrets}/header)`,
    `printf %s "$answer" | jq --exit-status '${ready}'`,
    "",
  ].join("\n");
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
