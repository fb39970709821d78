import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, Outside, ServingPods } from "./endpoint.ts";
import { type Identity, type Labels, metadataOf, selectorOf } from "./labels.ts";
import type { Port } from "./port.ts";

/** Ports for the pods of the stack's namespaces that carry the access labels. */
export interface Serving {
  readonly ports: readonly Port[];
  readonly accessLabels: Labels;
}

/** Who may talk to a workload's pods and to whom they may talk; what is not named is refused. */
export interface ConnectionsArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** Why these connections are there, in one sentence for people. */
  readonly purpose: string;
  /** What the pods are there for, and for whom. @default nothing */
  readonly serves?: Serving;
  /** Ports on which the workload's pods talk to each other. @default none */
  readonly peerPorts?: readonly Port[];
  /** Labels of the pods that they take for each other. @default the workload's own */
  readonly peers?: Labels;
  /** Ports open to everyone, from outside the cluster too. @default none */
  readonly publicPorts?: readonly number[];
  /** Ports open to clients outside the cluster, in these blocks of addresses alone. @default none */
  readonly admits?: Outside & { readonly ports: readonly number[] };
  /** Servers that the pods use. @default none */
  readonly uses?: readonly Endpoint[];
  /** Ports at which a server looks whether the pods are well, of those it admits. @default none */
  readonly checked?: { readonly by: Endpoint; readonly ports: readonly number[] };
  /** The other side of that: the pods look after whoever carries these labels. @default nobody */
  readonly checks?: Labels;
  /** True: the pods ask the Kubernetes API. @default false */
  readonly usesKubernetes?: boolean;
  /** Ports of machines that are no pods, at whatever address: nodes, servers elsewhere. @default none */
  readonly usesMachines?: readonly number[];
}

/** Labels of the stack's own namespaces. */
export const stackNamespaces: Labels = { "app.kubernetes.io/part-of": "web-greetings" };

type Ingress = k8s.types.input.networking.v1.NetworkPolicyIngressRule;
type Egress = k8s.types.input.networking.v1.NetworkPolicyEgressRule;

/** The API server as its own machines serve it: the common port, EKS's and minikube's. */
const KUBERNETES_PORTS = [6443, 443, 8443];

/** Who is let in to some pods besides those that their own policy names. */
export interface AdmissionArgs {
  /** What asks for it. */
  readonly identity: Identity;
  /** Why, in one sentence for people. */
  readonly purpose: string;
  /** The pods. */
  readonly pods: ServingPods;
  /** What is opened, and the labels of those that are let in. */
  readonly serves: Serving;
}

/** The annotation by which Kubernetes tells people what an object is for. */
export function describe(purpose: string): Record<string, string> {
  return { "kubernetes.io/description": purpose };
}

/** No rule where there is no port: to Kubernetes an empty list of ports means all of them. */
function open<Rule extends Ingress | Egress>(ports: readonly Port[] = [], rule: Rule): Rule[] {
  if (ports.length === 0) return [];
  return [{ ...rule, ports: ports.map(renderPort) }];
}

function renderPort(port: Port) {
  return typeof port === "number" ? { protocol: "TCP", port } : { protocol: "UDP", port: port.udp };
}

function peersOf({ identity, peers }: ConnectionsArgs) {
  return { podSelector: { matchLabels: { ...(peers ?? selectorOf(identity)) } } };
}

function podsOf({ namespace, labels }: ServingPods) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: { ...labels } },
  };
}

/** @throws Error when one is nowhere: to Kubernetes an empty list of places means all of them */
function placesOf(one: Endpoint["server"]): k8s.types.input.networking.v1.NetworkPolicyPeer[] {
  if ("namespace" in one) return [podsOf(one)];
  if (one.cidrs.length === 0) throw new Error("what is outside the cluster has no addresses");
  return one.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

/** Whoever may make pods in a namespace of their own could give them any label. */
function ofTheStack(labels: Labels) {
  return {
    namespaceSelector: { matchLabels: { ...stackNamespaces } },
    podSelector: { matchLabels: { ...labels } },
  };
}

function served({ ports, accessLabels }: Serving): Ingress[] {
  return open(ports, { from: [ofTheStack(accessLabels)] });
}

function ingressOf(args: ConnectionsArgs): Ingress[] {
  const { serves, peerPorts, publicPorts, admits, checked } = args;
  return [
    ...(serves ? served(serves) : []),
    ...open(peerPorts, { from: [peersOf(args)] }),
    ...(checked ? open(checked.ports, { from: placesOf(checked.by.server) }) : []),
    ...open(publicPorts, {}),
    ...(admits ? open(admits.ports, { from: placesOf(admits) }) : []),
  ];
}

function egressOf(args: ConnectionsArgs): Egress[] {
  const { uses = [], peerPorts, usesKubernetes, usesMachines, checks } = args;
  return [
    ...uses.flatMap(({ server, port, morePorts = [] }) =>
      open([port, ...morePorts], { to: placesOf(server) }),
    ),
    ...open(peerPorts, { to: [peersOf(args)] }),
    // At any port: which ones are looked at, the pods say themselves.
    ...(checks ? [{ to: [ofTheStack(checks)] }] : []),
    // By port alone: the API server is no pod, and its addresses change on a managed cluster.
    ...open(usesKubernetes ? KUBERNETES_PORTS : [], {}),
    // By port alone too: nodes come and go, and a server elsewhere is known by its name.
    ...open(usesMachines, {}),
  ];
}

/**
 * The network policy of a workload's pods, both directions, beside the namespace's default.
 *
 * @returns the namespace for the pods, known once the policy is in force: pods that take it from
 * here start after the policy and are gone before it, with every connection that stopping needs
 */
export function allowConnections(
  name: string,
  args: ConnectionsArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const policy = new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: {
        ...metadataOf(args.identity, args.namespace),
        annotations: describe(args.purpose),
      },
      spec: {
        podSelector: { matchLabels: { ...selectorOf(args.identity) } },
        policyTypes: ["Ingress", "Egress"],
        ingress: ingressOf(args),
        egress: egressOf(args),
      },
    },
    { parent },
  );
  return policy.metadata.namespace;
}

/** Lets somebody in to pods, beside whom the pods' own policy names. */
export function admit(name: string, args: AdmissionArgs, parent: pulumi.Resource): void {
  const { identity, purpose, pods, serves } = args;
  new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { ...metadataOf(identity, pods.namespace), annotations: describe(purpose) },
      spec: {
        podSelector: { matchLabels: { ...pods.labels } },
        policyTypes: ["Ingress"],
        ingress: served(serves),
      },
    },
    { parent },
  );
}
