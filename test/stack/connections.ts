import type { Recorded } from "../mocks.ts";
import type { NetworkPolicy, Pod } from "../policy/evaluator.ts";
import { allows, type Cluster, type Connection, chooses, type Peer } from "../policy/evaluator.ts";
import { type Edge, EVERY_POD, outsiders, renderConnections } from "./connectionsTable.ts";
import { run, settingsOf } from "./program.ts";
import { inputs, type Labels, ofKind, type Workload, workloads } from "./workloads.ts";

/** A port, and what its container calls it. */
interface Port {
  readonly port: number;
  readonly protocol: Connection["protocol"];
  readonly name: string;
}

/** What may be at an end of a connection; pods of one kind are as many as there can be, up to 2. */
interface Party {
  readonly name: string;
  readonly isOurs: boolean;
  readonly peers: readonly Peer[];
  readonly ports: readonly Port[];
}

const NODE = "192.0.2.10";
const ELSEWHERE = "203.0.113.1";

function podOf(name: string, namespace: string, labels: Labels, ports: readonly Port[]): Pod {
  const named = ports.map(({ port, ...more }) => ({ containerPort: port, ...more }));
  return {
    metadata: { name, namespace, labels },
    spec: { containers: [{ ports: named }] },
    status: { phase: "Running" },
  };
}

/** Ports that a pod's containers name, and those that its policies open though no container does. */
function portsOf(resources: readonly Recorded[], { namespace, labels, spec }: Workload): Port[] {
  const named = spec.containers
    .flatMap((container) => container.ports ?? [])
    .map(
      ({ containerPort: port, protocol = "TCP", name = "" }): Port => ({ port, protocol, name }),
    );
  const opened = policiesOf(resources)
    .filter((policy) => policy.metadata.namespace === namespace)
    .filter((policy) => chooses(policy.spec.podSelector, labels))
    .flatMap((policy) => policy.spec.ingress ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .flatMap(({ port, protocol }) => (typeof port === "number" ? [{ port, protocol }] : []));
  const all = [...named];
  for (const { port, protocol } of opened) {
    const of = protocol === "UDP" ? "UDP" : "TCP";
    if (all.some((each) => each.port === port && each.protocol === of)) continue;
    const name = named.find((each) => each.port === port)?.name ?? "";
    all.push({ port, protocol: of, name });
  }
  return all;
}

function partiesOf(resources: readonly Recorded[]): Party[] {
  return workloads(resources).map((workload) => {
    const { kind, resource, namespace, labels } = workload;
    const ports = portsOf(resources, workload);
    const pods = (kind === "Job" || kind === "Pod" ? [0] : [0, 1]).map((n) =>
      podOf(`${resource.name}-${n}`, namespace, labels, ports),
    );
    const name = `${namespace}/${labels["app.kubernetes.io/component"]}`;
    return { name, isOurs: true, peers: pods.map((pod) => ({ pod })), ports };
  });
}

/** Ports that any policy names, and those that are worth trying anyway. */
function knownPorts(policies: readonly NetworkPolicy[]): Port[] {
  const named = policies
    .flatMap(({ spec }) => [...(spec.egress ?? []), ...(spec.ingress ?? [])])
    .flatMap(({ ports }) => ports ?? [])
    .flatMap(({ port }) => (typeof port === "number" ? [port] : []));
  const numbers = [...new Set([53, 80, 443, 6443, 8443, 10250, ...named])].sort((a, b) => a - b);
  return numbers.flatMap((port) =>
    (["TCP", "UDP"] as const).map((protocol) => ({ port, protocol, name: "" })),
  );
}

function outsidersOf(policies: readonly NetworkPolicy[]): Party[] {
  const ports = knownPorts(policies);
  const dns: Port[] = [
    { port: 53, protocol: "UDP", name: "dns" },
    { port: 53, protocol: "TCP", name: "dns-tcp" },
    { port: 9153, protocol: "TCP", name: "metrics" },
  ];
  const dnsPod = podOf("coredns", "kube-system", { "k8s-app": "kube-dns" }, dns);
  const party = (name: string, peer: Peer, of: readonly Port[]): Party => ({
    name,
    isOurs: false,
    peers: [peer],
    ports: of,
  });
  return [
    party(outsiders.dns, { pod: dnsPod }, dns),
    party(outsiders.node, { address: NODE }, ports),
    party(outsiders.pod, { pod: podOf("other", "other", {}, []) }, ports),
    party(outsiders.address, { address: ELSEWHERE }, ports),
  ];
}

/** The recorded stack as a cluster has it, beside what is in every cluster. */
function clusterOf(resources: readonly Recorded[], parties: readonly Party[]): Cluster {
  const own = ofKind(resources, "Namespace").map((resource) => inputs(resource).metadata);
  const namespaces = [...own, { name: "kube-system" }, { name: "other" }];
  return {
    namespaces: namespaces.map(({ name, labels }) => ({
      metadata: { name, labels: { ...labels, "kubernetes.io/metadata.name": name } },
    })),
    pods: parties.flatMap(({ peers }) =>
      peers.flatMap((peer) => ("pod" in peer ? [peer.pod] : [])),
    ),
    policies: policiesOf(resources),
    nodes: [NODE],
  };
}

function policiesOf(resources: readonly Recorded[]): NetworkPolicy[] {
  return ofKind(resources, "NetworkPolicy").map((resource) => inputs(resource));
}

/** The sentence of the policy that lets a connection out of its client, or into its server. */
function reasonFor(cluster: Cluster, connection: Connection, end: Peer): string {
  const pod = "pod" in end ? end.pod : undefined;
  const direction = end === connection.from ? "Egress" : "Ingress";
  const found = cluster.policies
    .filter(({ spec }) => spec.policyTypes?.includes(direction))
    .find(
      ({ metadata, spec }) =>
        metadata.namespace === pod?.metadata.namespace &&
        chooses(spec.podSelector, pod.metadata.labels) &&
        allows(
          { ...cluster, policies: [{ metadata, spec: { ...spec, policyTypes: [direction] } }] },
          connection,
        ),
    );
  const why = found?.metadata.annotations?.["kubernetes.io/description"];
  if (!why) throw new Error(`no policy says why ${JSON.stringify(connection)} is allowed`);
  return why;
}

function edgesBetween(cluster: Cluster, client: Party, server: Party): Edge[] {
  const [from] = client.peers;
  const to = client === server ? server.peers[1] : server.peers[0];
  if (!from || !to) return [];
  const open = server.ports
    .map(({ name, ...port }) => ({ name, connection: { from, to, ...port } }))
    .filter(({ connection }) => allows(cluster, connection));
  const end = client.isOurs ? from : to;
  const reasons = new Map<string, string[]>();
  for (const { name, connection } of open) {
    const { port, protocol } = connection;
    const why = reasonFor(cluster, connection, end);
    const shown = [protocol === "TCP" ? port : `${port}/${protocol}`, name && `(${name})`];
    reasons.set(why, [...(reasons.get(why) ?? []), shown.join(" ").trim()]);
  }
  return [...reasons].map(([why, ports]) => {
    return { server: server.name, ports, client: client.name, why };
  });
}

/** Every allowed connection of the stack's pods, among each other and with everybody else. */
export function connectionsOf(resources: readonly Recorded[]): Edge[] {
  const ours = partiesOf(resources);
  const parties = [...ours, ...outsidersOf(policiesOf(resources))];
  const cluster = clusterOf(resources, parties);
  // A node reaches everything, and the DNS servers are pods like any other.
  const strangers = parties.filter(
    ({ name }) => name === outsiders.pod || name === outsiders.address,
  );
  const edges = parties.flatMap((server) =>
    (server.isOurs ? [...ours, ...strangers] : ours).flatMap((client) =>
      edgesBetween(cluster, client, server),
    ),
  );
  const key = ({ server, client }: Edge) => `${server.includes("/") ? "" : "~"}${server} ${client}`;
  return together(
    edges,
    ours.map(({ name }) => name),
  ).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** One row for what all of these, of which there are several, may do. */
function together(edges: readonly Edge[], clients: readonly string[]): Edge[] {
  const alike = (a: Edge, b: Edge) =>
    a.server === b.server && a.why === b.why && `${a.ports}` === `${b.ports}`;
  return edges.flatMap((edge) => {
    const row = edges.filter((other) => alike(edge, other)).map(({ client }) => client);
    const isShared = clients.length > 1 && clients.every((client) => row.includes(client));
    if (!isShared || !clients.includes(edge.client)) return [edge];
    return edge.client === clients[0] ? [{ ...edge, client: EVERY_POD }] : [];
  });
}

/** docs/connections.md as the dev stack is now. */
export async function currentConnections(): Promise<string> {
  const { resources } = await run(settingsOf("dev"));
  return renderConnections(connectionsOf(resources));
}
