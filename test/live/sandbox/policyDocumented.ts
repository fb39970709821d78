import { addresses } from "../../../sandbox/addresses.ts";
import {
  type Case,
  clients,
  db,
  egress,
  everything,
  fromStage,
  frontend,
  ingress,
  people,
} from "./policyCase.ts";

/** The examples of https://kubernetes.io/docs/concepts/services-networking/network-policies/. */
export const documented: readonly Case[] = [
  {
    title: "no policy: everything is open",
    policies: [],
    tries: [
      ["frontend", "db", "open", "open"],
      ["alice", "db", "open", "open"],
      ["frontend", "db/UDP", "open", "open"],
      ["db", "node:10250", "open", "open"],
      ["db", "api", "open"],
      ["frontend", "service", "open"],
      ["frontend", "dns", "open"],
      ["frontend", "db:7", "refused", "refused"],
    ],
  },
  {
    title: "the first example: peers of three kinds, both directions",
    policies: [
      {
        ...db,
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [
              { ipBlock: { cidr: "172.17.0.0/16", except: ["172.17.1.0/24"] } },
              people,
              frontend,
            ],
            ports: [{ protocol: "TCP", port: 6379 }],
          },
        ],
        egress: [
          {
            to: [{ ipBlock: { cidr: "10.201.0.0/16" } }],
            ports: [{ protocol: "TCP", port: 5978 }],
          },
        ],
      },
    ],
    tries: [
      ["frontend", "db", "open", "closed"],
      ["alice", "db", "open", "closed"],
      ["bob", "db", "open", "closed"],
      ["other", "db", "closed", "closed"],
      ["carol", "db", "closed", "closed"],
      ["frontend", "db:5978", "closed", "open"],
      ["frontend", "db/UDP", "closed", "closed"],
      ["frontend", "alice", "open", "open"],
    ],
  },
  {
    title: "a namespace AND a pod selector in one peer",
    policies: [{ ...db, ingress: [{ from: [{ ...people, ...clients }] }] }],
    tries: [
      ["alice", "db", "open", "open"],
      ["bob", "db", "closed", "open"],
      ["carol", "db", "closed", "open"],
      ["frontend", "db", "closed", "open"],
    ],
  },
  {
    title: "a namespace OR a pod selector, as two peers",
    policies: [{ ...db, ingress: [{ from: [people, frontend] }] }],
    tries: [
      ["alice", "db", "open", "open"],
      ["bob", "db", "open", "open"],
      ["frontend", "db", "open", "open"],
      ["carol", "db", "closed", "open"],
      ["other", "db", "closed", "open"],
    ],
  },
  {
    title: "default deny of all ingress",
    policies: [{ ...everything, policyTypes: ingress }],
    tries: [
      ["frontend", "db", "closed", "closed"],
      ["alice", "db", "closed", "open"],
      ["node", "db", "open"],
      ["host", "db", "open"],
      ["db", "db", "open"],
      ["db", "service", "open"],
      ["frontend", "service", "closed"],
      ["db", "dns", "open"],
    ],
  },
  {
    title: "allow all ingress, whatever else denies it",
    policies: [
      { ...everything, policyTypes: ingress },
      { ...everything, policyTypes: ingress, ingress: [{}] },
    ],
    tries: [
      ["frontend", "db", "open", "open"],
      ["carol", "db/UDP", "open", "open"],
    ],
  },
  {
    title: "default deny of all egress",
    policies: [{ ...everything, policyTypes: egress }],
    tries: [
      ["db", "frontend", "closed", "closed"],
      ["db", "alice", "closed", "open"],
      ["db", "alice/UDP", "closed", "open"],
      ["db", "api", "closed"],
      ["db", "node:10250", "closed", "open"],
      ["db", "dns", "closed"],
      ["db", "metadata:9", "closed"],
      ["db", "db", "open"],
    ],
  },
  {
    title: "allow all egress",
    policies: [
      { ...everything, policyTypes: egress },
      { ...everything, policyTypes: egress, egress: [{}] },
    ],
    tries: [
      ["db", "alice", "open", "open"],
      ["db", "api", "open"],
      ["db", "metadata:9", "refused"],
      ["db", "dns", "open"],
    ],
  },
  {
    title: "default deny of both",
    policies: [{ ...everything, policyTypes: ["Ingress", "Egress"] }],
    tries: [
      ["db", "frontend", "closed", "closed"],
      ["alice", "db", "closed", "closed"],
      ["alice", "bob", "open", "open"],
      ["node", "db", "open"],
      ["db", "node:10250", "closed", "open"],
    ],
  },
  {
    title: "a range of ports",
    policies: [
      {
        ...db,
        policyTypes: egress,
        egress: [
          {
            to: [{ ipBlock: { cidr: addresses.podCidr } }],
            ports: [{ protocol: "TCP", port: 32000, endPort: 32768 }],
          },
        ],
      },
    ],
    tries: [
      ["db", "alice:32000", "open", "open"],
      ["db", "alice:32768", "open", "open"],
      ["db", "alice:32769", "closed", "open"],
      ["db", "alice:32000/UDP", "closed", "open"],
    ],
  },
  {
    title: "namespaces by expressions: In",
    policies: fromStage("In", ["production", "test"]),
    tries: [
      ["alice", "db", "open", "open"],
      ["carol", "db", "closed", "open"],
      ["frontend", "db", "closed", "open"],
    ],
  },
];
