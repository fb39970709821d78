import { z } from "zod";
import { endOfStandardSupport } from "./aws/versions.ts";
import { versionOf } from "./versions.ts";

const domain =
  /^(?=.{1,253}$)[a-z]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/;
const version = /^\d+\.\d+\.\d+$/;

const allowed = (values: string) => ({ error: `allowed: ${values}` });
const whole = (from: number, to: number) =>
  z
    .int(allowed(`whole numbers from ${from} to ${to}`))
    .min(from, allowed(`whole numbers from ${from} to ${to}`))
    .max(to, allowed(`whole numbers from ${from} to ${to}`));
const quorum = z.literal(
  [1, 3, 5, 7],
  allowed("odd numbers from 1 to 7, so that a majority exists"),
);

const text = (pattern: RegExp, values: string) =>
  z.string(allowed(values)).regex(pattern, allowed(values));
const eksVersions = Object.keys(endOfStandardSupport);
const letters = "a list of 2 to 4 letters of zones, each once, such as a, b, c";
const accounts = "a list of AWS account numbers of 12 digits, in quotes";
const roles = "a list of ARNs of IAM roles";
const types = "a list of EC2 instance types, at least one";
const cidr = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
const cidrs = "a list of blocks of IPv4 addresses, such as 198.51.100.7/32";
const list = "a list of names of contexts, at least one";
const emails = "a list of e-mail addresses in lower case, each once";

/** What nodes and pods ask of AWS, after the region, as the names of endpoints have it. */
const services = [
  "ec2",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "ssm",
  "ssmmessages",
  "sts",
] as const;
const endpoints = `a list of these, each once: ${services.join(", ")}`;

const switches = "true or false for each of prometheus, influxdb, grafana";
const on = z.boolean(allowed(switches)).default(true);
const retentions =
  "a list of name, days, and, for all but the first, everyMinutes, the means that are kept";
const retention = z.strictObject(
  {
    name: z.string(allowed(retentions)),
    days: z.int(allowed(retentions)),
    everyMinutes: z.int(allowed(retentions)).optional(),
  },
  allowed(retentions),
);
const receivers =
  "a list of kind: webhook (url, ca), slack (channel, url), deadMansSwitch (url, ca), " +
  "email (to, from, server: host and port, login: user and password); URLs begin with https://";
const word = z.string(allowed(receivers));
const https = z.url({ protocol: /^https$/, ...allowed(receivers) });
const webhook = <Kind extends string>(kind: Kind) =>
  z.strictObject({ kind: z.literal(kind), url: https, ca: word.optional() }, allowed(receivers));
const receiver = z.discriminatedUnion(
  "kind",
  [
    webhook("webhook"),
    webhook("deadMansSwitch"),
    z.strictObject({ kind: z.literal("slack"), channel: word, url: https }, allowed(receivers)),
    z.strictObject(
      {
        kind: z.literal("email"),
        to: word,
        from: word,
        server: z.strictObject(
          { host: word, port: z.int(allowed(receivers)).min(1).max(65_535) },
          allowed(receivers),
        ),
        login: z.strictObject({ user: word, password: word }, allowed(receivers)).optional(),
      },
      allowed(receivers),
    ),
  ],
  allowed(receivers),
);

/** Every setting there is, by its key; the description and default are also in Pulumi.yaml. */
export const schema = z.strictObject({
  target: z.enum(["minikube", "aws"], allowed("minikube, aws")).default("minikube"),
  name: text(
    /^[a-z][a-z0-9]{1,19}$/,
    "2 to 20 lower-case letters and digits, a letter first",
  ).default("yourcom"),
  domain: text(
    domain,
    "a lower-case domain of two labels or more, such as yourcom.example",
  ).default("yourcom.example"),
  context: text(/./, "the name of a context in your kubeconfig").default("minikube"),
  allowedContexts: z
    .array(text(/./, list), allowed(list))
    .min(1, allowed(list))
    .default(["minikube"]),
  registry: text(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._/-]+)?$/,
    "host[:port][/path], without a scheme",
  ).default("localhost:5000"),
  nodeAddress: text(
    /^[a-z0-9.-]+$/i,
    "auto, or an address or host name of a node without a port",
  ).default("auto"),
  scale: z.enum(["small", "full"], allowed("small, full")).default("small"),
  retain: z.boolean(allowed("true, false")).default(true),
  adopt: z.boolean(allowed("true, false")).default(false),
  certificateEdition: whole(1, 1_000_000).default(1),
  consulVersion: text(version, "a version such as 1.20.6").default(versionOf("consul")),
  consulReplicas: quorum.default(3),
  // Both are labels of the servers' names in certificates, which Go takes for no others.
  consulDatacenter: text(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "lower-case letters, digits, and hyphens between them; 63 characters at most",
  ).default("dc1"),
  consulDomain: text(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "one lower-case label, such as consul; not local",
  )
    .refine((value) => value !== "local", allowed("anything but local, which clusters use"))
    .default("consul"),
  consulGossipKeyEdition: whole(1, 1_000_000).default(1),
  zookeeperVersion: text(version, "a version such as 3.9.4").default(versionOf("zookeeper")),
  zookeeperReplicas: quorum.default(3),
  kafkaVersion: text(version, "a version such as 3.9.1").default(versionOf("kafka")),
  kafkaReplicas: whole(3, 99).default(3),
  kafkaHeapMiB: whole(192, 65_536).default(320),
  topicPartitions: whole(1, 1000).default(6),
  topicRetentionHours: whole(1, 87_600).default(168),
  apiMinReplicas: whole(1, 100).default(2),
  apiMaxReplicas: whole(1, 100).default(6),
  workerMinReplicas: whole(1, 100).default(1),
  workerMaxReplicas: whole(1, 100).default(3),
  edgeReplicas: whole(1, 100).default(2),
  workloads: z
    .strictObject({ prometheus: on, influxdb: on, grafana: on }, allowed(switches))
    .prefault({}),
  prometheusRetentionDays: whole(1, 3650).default(15),
  prometheusRetentionGiB: whole(1, 10_000).default(3),
  alertReceivers: z.array(receiver, allowed(receivers)).default([]),
  influxdbRetentions: z
    .array(retention, allowed(retentions))
    .min(1, allowed(retentions))
    .default([
      { name: "week", days: 7 },
      { name: "year", days: 365, everyMinutes: 5 },
    ]),
  awsRegion: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-central-1").default(
    "eu-central-1",
  ),
  awsZones: z
    .array(z.string(allowed(letters)).regex(/^[a-z]$/, allowed(letters)), allowed(letters))
    .min(2, allowed(letters))
    .max(4, allowed(letters))
    .refine((zones) => new Set(zones).size === zones.length, allowed(letters))
    .default(["a", "b", "c"]),
  allowedAccounts: z.array(text(/^\d{12}$/, accounts), allowed(accounts)).default([]),
  clusterAdmins: z
    .array(text(/^arn:aws[-a-z]*:iam::\d{12}:role\/.+$/, roles), allowed(roles))
    .default([]),
  publicEndpointCidrs: z.array(text(cidr, cidrs), allowed(cidrs)).default([]),
  operators: z
    .array(text(/^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/, emails), allowed(emails))
    .refine((all) => new Set(all).size === all.length, allowed(emails))
    .default([]),
  vpcCidr: text(cidr, "a block of IPv4 addresses, /16 to /22, such as 10.64.0.0/16").default(
    "10.64.0.0/16",
  ),
  natGateways: z.enum(["one", "perZone"], allowed("one, perZone")).default("one"),
  interfaceEndpoints: z
    .array(z.enum(services, allowed(endpoints)), allowed(endpoints))
    .refine((all) => new Set(all).size === all.length, allowed(endpoints))
    .default([]),
  webAcl: z.enum(["none", "managed"], allowed("none, managed")).default("none"),
  hostedZone: z.enum(["create", "adopt"], allowed("create, adopt")).default("create"),
  kubernetesVersion: z.enum(eksVersions, allowed(eksVersions.join(", "))).default("1.35"),
  nodeInstanceTypes: z
    .array(text(/^[a-z0-9-]+\.[a-z0-9-]+$/, types), allowed(types))
    .min(1, allowed(types))
    .default(["m7i.xlarge"]),
  nodeReleaseVersion: text(
    /^(newest|\d+\.\d+\.\d+-\d{8})$/,
    "newest, or a release of EKS' image such as 1.35.0-20260115",
  ).default("newest"),
  nodesPerZoneMin: whole(1, 100).default(1),
  nodesPerZoneMax: whole(1, 100).default(3),
  nodesAcrossMin: whole(0, 100).default(0),
  nodesAcrossMax: whole(1, 100).default(4),
  databaseInstanceClass: text(
    /^db\.[a-z0-9-]+\.[a-z0-9-]+$/,
    "an instance class of RDS such as db.t4g.micro",
  ).default("db.t4g.micro"),
  databaseStorageGiB: whole(20, 16_384).default(20),
});

/** Settings that hold secrets: never shown, and taken from where Pulumi keeps secrets alone. */
export const secretSettings = ["alertReceivers"] as const satisfies (keyof typeof schema.shape)[];

/** The settings of a stack, checked and complete. Sizes in MiB, times in hours, as the names say. */
export type Settings = Readonly<z.infer<typeof schema>>;
