import type { NetworkPolicy } from "./evaluator.ts";

/** The address of the one node. */
export const NODE = "10.200.0.1";

/** Policies of the namespace `default`, and what they let through and refuse. */
export interface Case {
  readonly title: string;
  readonly policies: readonly NetworkPolicy["spec"][];
  /** Connections as `client > server[:port][/protocol]`; port 6379 and TCP where nothing is said. */
  readonly allowed: readonly string[];
  readonly refused?: readonly string[];
}

/** Selectors and peers that the policies are put together from. */
export const all = { podSelector: {} };
export const ofDb = { podSelector: { matchLabels: { role: "db" } } };
export const fromFrontend = { podSelector: { matchLabels: { role: "frontend" } } };
const ofAlice = { namespaceSelector: { matchLabels: { user: "alice" } } };
const clients = { podSelector: { matchLabels: { role: "client" } } };

/** The first ones are those of https://kubernetes.io/docs/concepts/services-networking/network-policies/. */
export const cases: readonly Case[] = [
  {
    title: "no policy: everything",
    policies: [],
    allowed: ["db > other", "alice > db", "8.8.8.8 > db", "db > 8.8.8.8", `db > ${NODE}`],
  },
  {
    title: "the documentation's first example",
    policies: [
      {
        ...ofDb,
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [
              { ipBlock: { cidr: "172.17.0.0/16", except: ["172.17.1.0/24"] } },
              ofAlice,
              fromFrontend,
            ],
            ports: [{ protocol: "TCP", port: 6379 }],
          },
        ],
        egress: [
          {
            to: [{ ipBlock: { cidr: "10.0.0.0/24" } }],
            ports: [{ protocol: "TCP", port: 5978 }],
          },
        ],
      },
    ],
    allowed: [
      "172.17.0.7 > db",
      "172.17.255.255 > db",
      "alice > db",
      "bob > db",
      "frontend > db",
      "db > 10.0.0.9:5978",
      "db > db:1",
      "other > frontend",
    ],
    refused: [
      "172.17.1.1 > db",
      "172.18.0.1 > db",
      "other > db",
      "frontend > db:6380",
      "frontend > db/UDP",
      "db > 10.0.0.9:5979",
      "db > 10.0.1.9:5978",
      "db > frontend",
      "db > alice:5978",
    ],
  },
  {
    title: "a namespace AND a pod selector in one peer",
    policies: [{ ...ofDb, ingress: [{ from: [{ ...ofAlice, ...clients }] }] }],
    allowed: ["alice > db"],
    refused: ["bob > db", "frontend > db"],
  },
  {
    title: "a namespace OR a pod selector, as two peers",
    policies: [{ ...ofDb, ingress: [{ from: [ofAlice, fromFrontend] }] }],
    allowed: ["alice > db", "bob > db", "frontend > db"],
    refused: ["other > db"],
  },
  {
    title: "deny all ingress",
    policies: [{ ...all, policyTypes: ["Ingress"] }],
    allowed: ["db > alice", "db > 8.8.8.8", "db > db", `${NODE} > db`, "host > db"],
    refused: ["frontend > db", "alice > db", "8.8.8.8 > db"],
  },
  {
    title: "allow all ingress, whatever else denies it",
    policies: [
      { ...all, policyTypes: ["Ingress"] },
      { ...all, policyTypes: ["Ingress"], ingress: [{}] },
    ],
    allowed: ["frontend > db", "alice > db", "8.8.8.8 > db:1/SCTP"],
  },
  {
    title: "deny all egress",
    policies: [{ ...all, policyTypes: ["Egress"] }],
    allowed: ["alice > db", "8.8.8.8 > db", "db > db", "host > alice"],
    refused: ["db > frontend", "db > alice", "db > 8.8.8.8", `db > ${NODE}`, "db > host"],
  },
  {
    title: "allow all egress",
    policies: [{ ...all, policyTypes: ["Egress"], egress: [{}] }],
    allowed: ["db > frontend", "db > 8.8.8.8/UDP", `db > ${NODE}`],
  },
  {
    title: "deny both",
    policies: [{ ...all, policyTypes: ["Ingress", "Egress"] }],
    allowed: ["db > db", `${NODE} > db`, "alice > bob"],
    refused: ["alice > db", "db > alice", "db > 10.1.0.2", "10.1.0.2 > db"],
  },
  {
    title: "a range of ports",
    policies: [
      {
        ...ofDb,
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "10.0.0.0/24" } }], ports: [{ port: 32000, endPort: 32768 }] },
        ],
      },
    ],
    allowed: ["db > 10.0.0.1:32000", "db > 10.0.0.1:32768"],
    refused: ["db > 10.0.0.1:31999", "db > 10.0.0.1:32769", "db > 10.0.0.1:32000/UDP"],
  },
  {
    title: "namespaces by expressions",
    policies: [
      {
        ...ofDb,
        ingress: [
          {
            from: [
              {
                namespaceSelector: {
                  matchExpressions: [{ key: "user", operator: "In", values: ["alice", "carol"] }],
                },
              },
            ],
          },
        ],
      },
    ],
    allowed: ["alice > db"],
    refused: ["frontend > db"],
  },
  {
    title: "pods by every operator",
    policies: [
      {
        podSelector: {
          matchExpressions: [
            { key: "role", operator: "Exists" },
            { key: "role", operator: "NotIn", values: ["frontend"] },
            { key: "team", operator: "DoesNotExist" },
            { key: "team", operator: "NotIn", values: ["red"] },
          ],
        },
      },
    ],
    allowed: ["db > frontend", "db > other"],
    refused: ["frontend > db"],
  },
  {
    title: "types that are not given: ingress always",
    policies: [ofDb],
    allowed: ["db > frontend"],
    refused: ["frontend > db"],
  },
  {
    title: "types that are not given: egress where it has rules",
    policies: [{ ...ofDb, egress: [{ to: [fromFrontend] }] }],
    allowed: ["db > frontend"],
    refused: ["db > other", "frontend > db"],
  },
  {
    title: "types that are not given: no egress by an empty list",
    policies: [{ ...ofDb, egress: [] }],
    allowed: ["db > frontend"],
    refused: ["frontend > db"],
  },
  {
    title: "an empty list of peers or ports means all of them",
    policies: [{ ...ofDb, ingress: [{ from: [], ports: [] }] }],
    allowed: ["frontend > db", "8.8.8.8 > db:1/SCTP"],
  },
  {
    title: "a protocol without a port is all of its ports",
    policies: [{ ...ofDb, ingress: [{ ports: [{ protocol: "UDP" }] }] }],
    allowed: ["frontend > db:1/UDP"],
    refused: ["frontend > db:1", "frontend > db:1/SCTP"],
  },
  {
    title: "a named port is the one of the pod that is reached",
    policies: [
      { ...ofDb, policyTypes: ["Ingress"], ingress: [{ ports: [{ port: "redis" }] }] },
      { ...fromFrontend, policyTypes: ["Egress"], egress: [{ ports: [{ port: "redis" }] }] },
    ],
    allowed: ["frontend > db", "other > db", "frontend > alice"],
    refused: ["frontend > db:80", "other > db:80", "frontend > 8.8.8.8", "frontend > host"],
  },
  {
    title: "any policy's rule is enough, but one in each direction is needed",
    policies: [
      { ...ofDb, ingress: [{ from: [fromFrontend] }] },
      { ...ofDb, ingress: [{ from: [ofAlice] }] },
      { ...fromFrontend, policyTypes: ["Egress"] },
    ],
    allowed: ["alice > db"],
    refused: ["frontend > db", "other > db"],
  },
  {
    title: "no selector matches a pod on the host's network: it is the node",
    policies: [{ ...all, policyTypes: ["Ingress", "Egress"], egress: [{ to: [fromFrontend] }] }],
    allowed: ["host > db", "alice > host", "host > 8.8.8.8"],
    refused: ["db > host", `db > ${NODE}`],
  },
  {
    title: "a pod selector alone looks in the policy's own namespace, also for an address",
    policies: [
      {
        ...ofDb,
        policyTypes: ["Egress"],
        egress: [{ to: [fromFrontend, clients] }],
      },
    ],
    allowed: ["db > frontend", "db > 10.1.0.2"],
    refused: ["db > alice", "db > 10.1.0.4"],
  },
  {
    title: "a block of addresses is also that of pods and of the node",
    policies: [
      {
        ...ofDb,
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.4/32"] } }] }],
      },
    ],
    allowed: ["db > frontend", `db > ${NODE}`, "db > host", "db > 10.1.0.2"],
    refused: ["db > alice", "db > 10.1.0.4", "db > other", "db > 8.8.8.8"],
  },
];
