import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "./endpoint.ts";
import { type Identity, type Labels, metadataOf, selectorOf } from "./labels.ts";

/** Who may talk to a workload's pods and to whom they may talk; what is not named is refused. */
export interface ConnectionsArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** A port for the pods of any namespace that carry the access labels. @default none */
  readonly serves?: { readonly port: number; readonly accessLabels: Labels };
  /** Ports on which the workload's pods talk to each other. @default none */
  readonly peerPorts?: readonly number[];
  /** Ports open to everyone, from outside the cluster too. @default none */
  readonly publicPorts?: readonly number[];
  /** Servers that the pods use. @default none */
  readonly uses?: readonly Endpoint[];
  /** True: the pods ask the Kubernetes API. @default false */
  readonly usesKubernetes?: boolean;
}

type Ingress = k8s.types.input.networking.v1.NetworkPolicyIngressRule;
type Egress = k8s.types.input.networking.v1.NetworkPolicyEgressRule;

/** The API server as its own machines serve it: the common port, EKS's and minikube's. */
const KUBERNETES_PORTS = [6443, 443, 8443];

function tcp(ports: readonly number[]) {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

function ingressOf(args: ConnectionsArgs): Ingress[] {
  const rules: Ingress[] = [];
  if (args.serves) {
    const podSelector = { matchLabels: { ...args.serves.accessLabels } };
    rules.push({
      from: [{ namespaceSelector: {}, podSelector }],
      ports: tcp([args.serves.port]),
    });
  }
  if (args.peerPorts) {
    const podSelector = { matchLabels: { ...selectorOf(args.identity) } };
    rules.push({ from: [{ podSelector }], ports: tcp(args.peerPorts) });
  }
  if (args.publicPorts) {
    rules.push({ ports: tcp(args.publicPorts) });
  }
  return rules;
}

function egressOf(args: ConnectionsArgs): Egress[] {
  const rules: Egress[] = (args.uses ?? []).map((endpoint) => ({
    to: [
      {
        namespaceSelector: {
          matchLabels: { "kubernetes.io/metadata.name": endpoint.server.namespace },
        },
        podSelector: { matchLabels: { ...endpoint.server.labels } },
      },
    ],
    ports: tcp([endpoint.port]),
  }));
  if (args.peerPorts) {
    const podSelector = { matchLabels: { ...selectorOf(args.identity) } };
    rules.push({ to: [{ podSelector }], ports: tcp(args.peerPorts) });
  }
  if (args.usesKubernetes) {
    // By port alone: the API server is no pod, and its addresses change on a managed cluster.
    rules.push({ ports: tcp(KUBERNETES_PORTS) });
  }
  return rules;
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
      metadata: metadataOf(args.identity, args.namespace),
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
