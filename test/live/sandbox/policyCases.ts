import { addresses } from "../../../sandbox/addresses.ts";
import {
  type Case,
  db,
  dns,
  egress,
  everything,
  fromStage,
  frontend,
  ingress,
} from "./policyCase.ts";
import { documented } from "./policyDocumented.ts";

const others: readonly Case[] = [
  {
    title: "namespaces by expressions: NotIn",
    policies: fromStage("NotIn", ["production"]),
    tries: [
      ["alice", "db", "closed", "open"],
      ["carol", "db", "open", "open"],
      ["frontend", "db", "open", "open"],
    ],
  },
  {
    title: "namespaces by expressions: Exists",
    policies: fromStage("Exists"),
    tries: [
      ["carol", "db", "open", "open"],
      ["frontend", "db", "closed", "open"],
    ],
  },
  {
    title: "namespaces by expressions: DoesNotExist",
    policies: fromStage("DoesNotExist"),
    tries: [
      ["carol", "db", "closed", "open"],
      ["frontend", "db", "open", "open"],
    ],
  },
  {
    title: "a named port is that of the pod that is reached",
    policies: [
      { ...db, policyTypes: ingress, ingress: [{ ports: [{ port: "web" }] }] },
      { ...frontend, policyTypes: egress, egress: [{ ports: [{ port: "web" }] }] },
    ],
    tries: [
      ["frontend", "db:8080", "open", "open"],
      ["frontend", "db:8081", "closed", "open"],
      ["frontend", "alice:8081", "open", "open"],
      ["frontend", "alice:8080", "closed", "open"],
      ["other", "db:8080/UDP", "closed", "open"],
    ],
  },
  {
    title: "a named port of a sidecar",
    policies: [{ ...db, ingress: [{ ports: [{ port: "proxy" }] }] }],
    tries: [
      ["frontend", "db:32000", "open", "open"],
      ["frontend", "db", "closed", "open"],
    ],
  },
  {
    title: "a Service is the pods behind it, at their port",
    policies: [
      { ...db, ingress: [{ from: [frontend], ports: [{ port: 6379 }] }] },
      { ...frontend, policyTypes: egress, egress: [{ to: [db], ports: [{ port: 6379 }] }] },
    ],
    tries: [
      ["frontend", "service", "open"],
      ["frontend", "db", "open", "open"],
      ["frontend", "db:80", "closed", "open"],
      ["other", "service", "closed"],
      ["db", "service", "open"],
    ],
  },
  {
    title: "DNS only",
    policies: [{ ...everything, policyTypes: egress, egress: [dns] }],
    tries: [
      ["db", "dns", "open"],
      ["db", "frontend", "closed", "closed"],
      ["db", "api", "closed"],
    ],
  },
  {
    title: "the API server by its port",
    policies: [{ ...db, policyTypes: egress, egress: [{ ports: [{ port: addresses.apiPort }] }] }],
    tries: [
      ["db", "api", "open"],
      ["db", `node:${addresses.apiPort}`, "open"],
      ["db", "node:10250", "closed", "open"],
      ["db", "frontend", "closed", "open"],
    ],
  },
  {
    title: "the node by its address; no selector chooses a pod on its network",
    policies: [
      {
        ...db,
        policyTypes: egress,
        egress: [{ to: [{ ipBlock: { cidr: `${addresses.node}/32` } }] }],
      },
    ],
    tries: [
      ["db", "node:10250", "open", "open"],
      ["db", "host", "open", "open"],
      ["db", "frontend", "closed", "open"],
    ],
  },
  {
    title: "a pod on the node's network is chosen by no selector",
    policies: [
      { ...frontend, policyTypes: ["Ingress", "Egress"] },
      { ...db, policyTypes: egress, egress: [{ to: [frontend] }] },
    ],
    tries: [
      ["host", "db", "open"],
      ["db", "host", "closed", "open"],
      ["db", "frontend", "closed", "closed"],
    ],
  },
  {
    title: "everywhere but the metadata address",
    policies: [
      {
        ...db,
        policyTypes: egress,
        egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }] }],
      },
    ],
    tries: [
      ["db", "metadata:9", "closed"],
      ["db", "node:10250", "open", "open"],
      ["db", "alice", "open", "open"],
    ],
  },
  {
    title: "a block of addresses with exceptions, of pods",
    policies: [
      {
        ...db,
        ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: [addresses.podCidr] } }] }],
      },
    ],
    tries: [
      ["frontend", "db", "closed", "open"],
      ["node", "db", "open"],
    ],
  },
  {
    title: "no types are given: ingress always, egress where it has rules",
    policies: [
      { ...db, ingress: [] },
      { ...frontend, egress: [{ to: [db] }] },
    ],
    tries: [
      ["frontend", "db", "closed", "closed"],
      ["db", "alice", "open", "closed"],
      ["frontend", "alice", "closed", "closed"],
    ],
  },
  {
    title: "a protocol without a port is all of its ports",
    policies: [{ ...db, ingress: [{ ports: [{ protocol: "UDP" }] }] }],
    tries: [
      ["other", "db:5978/UDP", "open", "open"],
      ["other", "db:5978", "closed", "open"],
    ],
  },
  {
    title: "one direction is not enough",
    policies: [
      { ...db, ingress: [{ from: [frontend] }] },
      { ...frontend, policyTypes: egress },
    ],
    tries: [
      ["frontend", "db", "closed", "open"],
      ["other", "db", "closed", "open"],
    ],
  },
];

/** All cases. */
export const cases: readonly Case[] = [...documented, ...others];
