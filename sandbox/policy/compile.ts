import { byName, type Member } from "./members.ts";
import type { Namespace, NetworkPolicy, PolicyPeer, PolicyPort } from "./objects.ts";
import { allAddresses, includes, merge, parseBlock, type Range, subtract } from "./ranges.ts";
import { selects } from "./selectors.ts";

/** Ports of one protocol ("TCP"), in ranges that neither overlap nor touch. */
export interface ProtocolPorts {
  readonly protocol: string;
  readonly ports: readonly Range[];
}

/** A port that is open at one address only, since its name stands for another number elsewhere. */
export interface AddressPort {
  readonly address: number;
  readonly protocol: string;
  readonly port: number;
}

/** What one rule of a policy lets through; both parts have to hold. */
export interface Rule {
  /** Addresses of the other end; undefined: any. */
  readonly peers: readonly Range[] | undefined;
  /** Ports of the server, numbers and resolved names; undefined: any port of any protocol. */
  readonly ports:
    | { readonly numbers: readonly ProtocolPorts[]; readonly named: readonly AddressPort[] }
    | undefined;
}

/** The rules of one policy in one direction. */
interface PolicyRules {
  /** `<namespace>/<name>`. */
  readonly policy: string;
  readonly rules: readonly Rule[];
}

/** Pods that the same policies isolate. */
interface Group {
  /** Positions in the direction's `policies`. */
  readonly policies: readonly number[];
  readonly addresses: readonly number[];
}

/** One direction: pods that are in no group are not isolated. */
export interface Direction {
  readonly policies: readonly PolicyRules[];
  readonly groups: readonly Group[];
}

/** Who may talk to whom, with all selectors and names resolved. */
export interface Rules {
  /** Addresses of all pods whose rules these are. */
  readonly pods: readonly number[];
  readonly egress: Direction;
  readonly ingress: Direction;
}

/** All that decides who may talk to whom. */
export interface Cluster {
  readonly members: readonly Member[];
  readonly namespaces: readonly Namespace[];
  readonly policies: readonly NetworkPolicy[];
}

/** A rule of the API in either direction. */
interface ApiRule {
  readonly peers: readonly PolicyPeer[] | undefined;
  readonly ports: readonly PolicyPort[] | undefined;
}

/** Finds out which rules of a policy count in a direction; undefined where it does not isolate. */
type RulesOf = (spec: NetworkPolicy["spec"]) => readonly ApiRule[] | undefined;

const egressOf: RulesOf = ({ policyTypes, egress = [] }) => {
  const given = policyTypes?.length ? policyTypes.includes("Egress") : egress.length > 0;
  return given ? egress.map(({ to, ports }) => ({ peers: to, ports })) : undefined;
};

const ingressOf: RulesOf = ({ policyTypes, ingress = [] }) => {
  const given = policyTypes?.length ? policyTypes.includes("Ingress") : true;
  return given ? ingress.map(({ from, ports }) => ({ peers: from, ports })) : undefined;
};

/** Finds the addresses of a peer, as seen from a policy of `namespace`. */
function peerAddresses(cluster: Cluster, namespace: string, peer: PolicyPeer): readonly Range[] {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) {
    const block = parseBlock(ipBlock.cidr);
    const holes = (ipBlock.except ?? []).flatMap((cidr) => parseBlock(cidr) ?? []);
    return block ? subtract(block, holes) : [];
  }
  if (!namespaceSelector && !podSelector) return [];
  const chosen = namespaceSelector
    ? cluster.namespaces
        .filter(({ metadata }) => selects(namespaceSelector, metadata.labels))
        .map(({ metadata }) => metadata.name)
    : [namespace];
  const homes = new Set(chosen);
  return cluster.members
    .filter((member) => homes.has(member.namespace) && selects(podSelector ?? {}, member.labels))
    .map(({ address }) => ({ first: address, last: address }));
}

/** Finds the numbers of the ports, where `servers` are the pods that names may stand for. */
function resolvePorts(
  ports: readonly PolicyPort[],
  servers: readonly Member[],
): NonNullable<Rule["ports"]> {
  const numbers = new Map<string, Range[]>();
  const named = new Map<string, AddressPort>();
  for (const { protocol = "TCP", port, endPort } of ports) {
    if (typeof port === "string") {
      for (const { address, ports } of servers) {
        for (const each of ports) {
          if (each.name !== port || each.protocol !== protocol) continue;
          named.set(`${address} ${protocol} ${each.port}`, { address, protocol, port: each.port });
        }
      }
    } else {
      const range =
        port === undefined ? { first: 0, last: 65535 } : { first: port, last: endPort ?? port };
      numbers.set(protocol, [...(numbers.get(protocol) ?? []), range]);
    }
  }
  return {
    numbers: [...numbers].map(([protocol, ranges]) => ({ protocol, ports: merge(ranges) })),
    named: [...named.values()],
  };
}

/** Resolves one rule; none where nobody and nothing fits it now. */
function resolveRule(
  cluster: Cluster,
  namespace: string,
  { peers, ports }: ApiRule,
  serversAmong: (peers: readonly Range[]) => readonly Member[],
): readonly Rule[] {
  const given = peers?.length
    ? merge(peers.flatMap((peer) => peerAddresses(cluster, namespace, peer)))
    : [allAddresses];
  if (given.length === 0) return [];
  const [range] = given;
  const isAny = range?.first === allAddresses.first && range.last === allAddresses.last;
  const resolved = ports?.length ? resolvePorts(ports, serversAmong(given)) : undefined;
  if (resolved && resolved.numbers.length === 0 && resolved.named.length === 0) return [];
  return [{ peers: isAny ? undefined : given, ports: resolved }];
}

function compileDirection(cluster: Cluster, rulesOf: RulesOf, serverIsPeer: boolean): Direction {
  const policies: PolicyRules[] = [];
  const isolatedBy = new Map<number, number[]>();
  const sorted = cluster.policies.toSorted((a, b) => byName(a.metadata, b.metadata));
  for (const { metadata, spec } of sorted) {
    const given = rulesOf(spec);
    if (!given) continue;
    const { namespace, name } = metadata;
    const selected = cluster.members.filter(
      (member) => member.namespace === namespace && selects(spec.podSelector, member.labels),
    );
    if (selected.length === 0) continue;
    for (const { address } of selected) {
      isolatedBy.set(address, [...(isolatedBy.get(address) ?? []), policies.length]);
    }
    const serversAmong = (peers: readonly Range[]) =>
      serverIsPeer ? cluster.members.filter(({ address }) => includes(peers, address)) : selected;
    policies.push({
      policy: `${namespace}/${name}`,
      rules: given.flatMap((rule) => resolveRule(cluster, namespace, rule, serversAmong)),
    });
  }
  return { policies, groups: groupsOf(isolatedBy) };
}

function groupsOf(isolatedBy: ReadonlyMap<number, readonly number[]>): readonly Group[] {
  const groups = new Map<string, { policies: readonly number[]; addresses: number[] }>();
  for (const [address, policies] of isolatedBy) {
    const key = policies.join(" ");
    const group = groups.get(key) ?? { policies, addresses: [] };
    group.addresses.push(address);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Resolves all policies to addresses and ports. The order in which pods, namespaces and policies
 * come does not change what comes out, as long as the members are sorted.
 */
export function compile(cluster: Cluster): Rules {
  return {
    pods: cluster.members.map(({ address }) => address),
    egress: compileDirection(cluster, egressOf, true),
    ingress: compileDirection(cluster, ingressOf, false),
  };
}
