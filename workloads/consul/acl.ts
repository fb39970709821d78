import type { Consumer } from "../kit/consumer.ts";

/** Name of the way to log in by a ServiceAccount's token. */
export const authMethod = "kubernetes";

/** A token that the agents are handed in their configuration, rather than by logging in. */
export interface FixedToken {
  /** What it is known by; not secret. */
  readonly accessor: string;
  /** Name of the file with the token itself, and of its policy. */
  readonly name: string;
}

/** Tokens of the agents themselves. */
export const fixedTokens: readonly FixedToken[] = [
  { name: "agent", accessor: "00000000-0000-4000-8000-0000000a9e17" },
  { name: "dns", accessor: "00000000-0000-4000-8000-000000000d15" },
];

/** Nodes are named after the pods of their agents. */
const agentRules = [rule("node_prefix", "consul", "write"), rule("service_prefix", "", "read")];

const dnsRules = [
  rule("node_prefix", "", "read"),
  rule("service_prefix", "", "read"),
  rule("query_prefix", "", "read"),
];

function rule(resource: string, name: string, policy: "read" | "write"): string {
  return `${resource} ${JSON.stringify(name)} { policy = "${policy}" }`;
}

/**
 * Who registers a service writes it; who looks one up reads it, and the nodes that it is on. Metrics
 * are part of what an agent tells about itself, a server's among them.
 */
function consumerRules({ registers, reads, metrics }: Consumer): readonly string[] {
  return [
    ...registers.map((service) => rule("service", service, "write")),
    ...reads.map((service) => rule("service", service, "read")),
    ...(reads.length > 0 ? [rule("node_prefix", "", "read")] : []),
    ...(metrics ? [rule("agent_prefix", "consul", "read")] : []),
  ];
}

/**
 * acl.json: everything that the set-up makes in Consul, and nothing secret: policies, the agents'
 * own tokens, and for each consumer a role that its ServiceAccount gets by logging in.
 */
export function renderAcl(consumers: readonly Consumer[]): string {
  const policies = [
    { name: "agent", rules: agentRules },
    { name: "dns", rules: dnsRules },
    ...consumers.map((consumer) => ({ name: consumer.name, rules: consumerRules(consumer) })),
  ].map(({ name, rules }) => ({ name, rules: rules.map((line) => `${line}\n`).join("") }));
  const logins = consumers.map(({ name, namespace, serviceAccount }) => ({
    role: name,
    selector:
      `serviceaccount.namespace == ${JSON.stringify(namespace)} and ` +
      `serviceaccount.name == ${JSON.stringify(serviceAccount)}`,
  }));
  const acl = { authMethod, policies, tokens: fixedTokens, logins };
  return `${JSON.stringify(acl, undefined, 2)}\n`;
}
