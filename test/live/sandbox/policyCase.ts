import type { NetworkPolicy } from "../../../sandbox/policy/objects.ts";
import type { Outcome } from "./policyAgent.ts";

type Spec = NetworkPolicy["spec"];

/**
 * A client, a server (`name[:port][/protocol]`, port 6379 and TCP where nothing is said) and what
 * comes of a connection; then, where the server is a pod or the node, of one in the other direction.
 */
export type Try = readonly [client: string, server: string, there: Outcome, back?: Outcome];

/** Policies of the namespace of `db`, and the connections that are tried under them. */
export interface Case {
  readonly title: string;
  readonly policies: readonly Spec[];
  readonly tries: readonly Try[];
}

/** Labels of the test's namespaces, by their names. */
export const namespaces = {
  "live-policy": { role: "home" },
  "live-policy-people": { user: "alice", stage: "production" },
  "live-policy-others": { stage: "staging" },
} as const;

/** Selectors, peers and rules that the policies are put together from. */
export const everything = { podSelector: {} };
export const db = { podSelector: { matchLabels: { role: "db" } } };
export const frontend = { podSelector: { matchLabels: { role: "frontend" } } };
export const clients = { podSelector: { matchLabels: { role: "client" } } };
export const people = { namespaceSelector: { matchLabels: { user: "alice" } } };
export const dns = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: [{ protocol: "UDP", port: 53 }],
};
export const ingress = ["Ingress"];
export const egress = ["Egress"];

/** A policy whose only peer is a namespace selector of one expression. */
export function fromStage(operator: string, values?: readonly string[]): readonly Spec[] {
  const expression = { key: "stage", operator, ...(values ? { values } : {}) };
  return [
    { ...db, ingress: [{ from: [{ namespaceSelector: { matchExpressions: [expression] } }] }] },
  ];
}
