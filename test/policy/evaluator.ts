/**
 * NetworkPolicy of networking.k8s.io/v1, evaluated as its reference reads and as slowly as that is:
 * https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/.
 * Objects are as the API gives them, with the fields that matter here.
 */

/** How labels are chosen; `{}` chooses everything. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Metadata {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Container {
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

export interface Namespace {
  readonly metadata: Metadata;
}

export interface Pod {
  readonly metadata: Metadata & { readonly namespace: string };
  readonly spec: {
    readonly hostNetwork?: boolean;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

export interface PolicyPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface NetworkPolicy {
  readonly metadata: Metadata & { readonly namespace: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly {
      readonly from?: readonly PolicyPeer[];
      readonly ports?: readonly PolicyPort[];
    }[];
    readonly egress?: readonly {
      readonly to?: readonly PolicyPeer[];
      readonly ports?: readonly PolicyPort[];
    }[];
  };
}

/** All that decides who may talk to whom. */
export interface Cluster {
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly policies: readonly NetworkPolicy[];
  /** IPv4 addresses of the nodes themselves, whose kubelets reach every pod. */
  readonly nodes: readonly string[];
}

/** One end: a pod, or an IPv4 address (one of a pod stands for that pod). */
export type Peer = { readonly pod: Pod } | { readonly address: string };

/** A connection as it looks after a Service's address has been replaced by a pod's. */
export interface Connection {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  /** Destination port. */
  readonly port: number;
}

/** Whether both the client's egress and the server's ingress let a connection through. */
export function allows(cluster: Cluster, { from, to, protocol, port }: Connection): boolean {
  const client = endOf(cluster, from);
  const server = endOf(cluster, to);
  if (client.pod && server.pod && isSame(client.pod, server.pod)) return true;
  const opensPort: PortCheck = (ports) => opens(ports, server, protocol, port);
  const isNode = client.address !== undefined && cluster.nodes.includes(client.address);
  return (
    passes(cluster, "Egress", client, server, opensPort) &&
    (isNode || passes(cluster, "Ingress", server, client, opensPort))
  );
}

/** Whether the ports of a rule are open for the connection in question. */
type PortCheck = (ports: readonly PolicyPort[] | undefined) => boolean;

/** An end that policies know as a pod, or only by its address. */
interface End {
  readonly pod?: Pod;
  readonly address?: string;
}

function endOf(cluster: Cluster, peer: Peer): End {
  const pod =
    "pod" in peer
      ? peer.pod
      : cluster.pods.find((each) => hasNetwork(each) && each.status?.podIP === peer.address);
  const address = "pod" in peer ? peer.pod.status?.podIP : peer.address;
  return { ...(pod && hasNetwork(pod) ? { pod } : {}), ...(address ? { address } : {}) };
}

/** Pods on the host's network and pods that have ended are out of every policy's sight. */
function hasNetwork({ spec, status }: Pod): boolean {
  return !spec.hostNetwork && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function isSame(one: Pod, other: Pod): boolean {
  const [a, b] = [one.metadata, other.metadata];
  return a.namespace === b.namespace && a.name === b.name;
}

/** Not isolated in this direction, or let through by one rule of one policy that isolates. */
function passes(
  cluster: Cluster,
  direction: "Ingress" | "Egress",
  { pod }: End,
  peer: End,
  opensPort: PortCheck,
): boolean {
  if (!pod) return true;
  const policies = cluster.policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      chooses(spec.podSelector, pod.metadata.labels) &&
      directionsOf(spec).includes(direction),
  );
  if (policies.length === 0) return true;
  return policies.some(({ metadata: { namespace }, spec }) => {
    const rules =
      direction === "Ingress"
        ? spec.ingress?.map(({ from, ports }) => ({ peers: from, ports }))
        : spec.egress?.map(({ to, ports }) => ({ peers: to, ports }));
    return rules?.some(
      ({ peers, ports }) =>
        opensPort(ports) &&
        (!peers?.length || peers.some((each) => matches(cluster, namespace, each, peer))),
    );
  });
}

/** As the API server fills them in: an empty list of egress rules counts as none given. */
function directionsOf({ policyTypes, egress }: NetworkPolicy["spec"]): readonly string[] {
  if (policyTypes?.length) return policyTypes;
  return egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
}

function matches(cluster: Cluster, namespace: string, peer: PolicyPeer, end: End): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) {
    const { address } = end;
    if (address === undefined || !contains(ipBlock.cidr, address)) return false;
    return !ipBlock.except?.some((cidr) => contains(cidr, address));
  }
  if (!end.pod) return false;
  const { metadata } = end.pod;
  const home = cluster.namespaces.find(({ metadata: { name } }) => name === metadata.namespace);
  const isInNamespace = namespaceSelector
    ? chooses(namespaceSelector, home?.metadata.labels)
    : metadata.namespace === namespace;
  return isInNamespace && (!podSelector || chooses(podSelector, metadata.labels));
}

function opens(
  ports: readonly PolicyPort[] | undefined,
  server: End,
  protocol: string,
  port: number,
): boolean {
  if (!ports?.length) return true;
  return ports.some((each) => {
    if ((each.protocol ?? "TCP") !== protocol) return false;
    if (each.port === undefined) return true;
    if (typeof each.port === "number")
      return each.port <= port && port <= (each.endPort ?? each.port);
    return namedPorts(server.pod, each.port, protocol).includes(port);
  });
}

/** Numbers that a pod's containers, and sidecars, give a name to. */
function namedPorts(pod: Pod | undefined, name: string, protocol: string): number[] {
  const sidecars = pod?.spec.initContainers?.filter((each) => each.restartPolicy === "Always");
  return [...(pod?.spec.containers ?? []), ...(sidecars ?? [])]
    .flatMap(({ ports }) => ports ?? [])
    .filter((each) => each.name === name && (each.protocol ?? "TCP") === protocol)
    .map(({ containerPort }) => containerPort);
}

/** Whether a selector chooses an object with these labels. */
export function chooses(
  { matchLabels, matchExpressions }: Selector,
  labels: Metadata["labels"] = {},
) {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      const isListed = value !== undefined && values.includes(value);
      if (operator === "In") return isListed;
      if (operator === "NotIn") return !isListed;
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      throw new Error(
        `unknown operator "${operator}" in a label selector; use In, NotIn, Exists or DoesNotExist`,
      );
    })
  );
}

/** Whether an IPv4 range holds an address; a range of IPv6 holds none. */
function contains(cidr: string, address: string): boolean {
  const [network = "", bits = "32"] = cidr.split("/");
  if (network.includes(":")) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(network) / size) === Math.floor(numberOf(address) / size);
}

function numberOf(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}
