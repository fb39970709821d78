import { apps } from "../../../apps/build.ts";
import type { Changed } from "./prod.ts";

/** One changed setting of prod, and what it is to touch. */
export interface Row {
  /** The change, in words. */
  readonly title: string;
  readonly changed: Changed;
  /** `<operation> <type> <name>` of all that is touched. */
  readonly operations: readonly string[];
}

const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

const nodeGroup = (operation: "update" | "replace", name: string): string =>
  `${operation} aws:eks/nodeGroup:NodeGroup nodes-${name}`;
const zonesNodes = zones.map((zone) => nodeGroup("update", zone));
const allNodes = (operation: "update" | "replace"): readonly string[] =>
  ["across", ...zones].map((name) => nodeGroup(operation, name));

/** What people open: each has the nodes of every group behind it. */
const openings = ["console", "web"];

const nothing: Row = { title: "nothing changed", changed: {}, operations: [] };

const apiMaxReplicas: Row = {
  title: "apiMaxReplicas 6 to 12",
  changed: { apiMaxReplicas: 12 },
  operations: ["update kubernetes:autoscaling/v2:HorizontalPodAutoscaler greetings-api"],
};

const kafkaHeap: Row = {
  title: "kafkaHeapMiB 4096 to 6144",
  changed: { kafkaHeapMiB: 6144 },
  operations: ["update kubernetes:apps/v1:StatefulSet kafka"],
};

const topicPartitions: Row = {
  title: "topicPartitions 6 to 12",
  changed: { topicPartitions: 12 },
  operations: [
    "replace kubernetes:batch/v1:Job kafka-topics",
    "replace kubernetes:core/v1:ConfigMap kafka-topics",
  ],
};

const gossipKey: Row = {
  title: "consulGossipKeyEdition 1 to 2",
  changed: { consulGossipKeyEdition: 2 },
  operations: [
    "replace kubernetes:core/v1:Secret consul-agent-secrets",
    "replace kubernetes:core/v1:Secret consul-secrets",
    "replace kubernetes:core/v1:Secret consul-set-up-secrets",
    "replace random:index/randomPassword:RandomPassword consul-gossip",
    "update kubernetes:apps/v1:DaemonSet consul-agent",
    "update kubernetes:apps/v1:Deployment consul-set-up",
    "update kubernetes:apps/v1:StatefulSet consul",
  ],
};

/** Whose certificates the stack's own authorities sign. */
const identities = [
  "console",
  "consul",
  "consul-agent",
  "consul-agent-member",
  "consul-member",
  "edge",
  "grafana",
  "greetings-api",
  "greetings-worker",
  "influxdb",
  "kafka",
  "operator",
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-node",
  "prometheus-state",
  "telegraf",
  "telegraf-services",
  "zookeeper",
  "zookeeper-member",
];

/** Certificates as pods mount them; the operator's is for people. */
const tlsSecrets = [
  ...identities.filter((identity) => !["operator", "zookeeper-member"].includes(identity)),
  "zookeeper-quorum",
];

const certificates: Row = {
  title: "certificateEdition 1 to 2",
  changed: { certificateEdition: 2 },
  operations: [
    ...["certRequest:CertRequest", "locallySignedCert:LocallySignedCert", "privateKey:PrivateKey"]
      .map((kind) => `tls:index/${kind}`)
      .flatMap((type) =>
        identities.flatMap((name) => [`create ${type} ${name}-2`, `delete ${type} ${name}`]),
      ),
    ...tlsSecrets.map((name) => `replace kubernetes:core/v1:Secret ${name}`),
    "replace kubernetes:batch/v1:Job kafka-topics",
    // When they end is among what Prometheus has rules for.
    "replace kubernetes:core/v1:ConfigMap prometheus",
    "update kubernetes:apps/v1:DaemonSet consul-agent",
    "update kubernetes:apps/v1:DaemonSet prometheus-node",
    "update kubernetes:apps/v1:DaemonSet telegraf",
    "update kubernetes:apps/v1:Deployment console",
    "update kubernetes:apps/v1:Deployment consul-set-up",
    "update kubernetes:apps/v1:Deployment edge",
    "update kubernetes:apps/v1:Deployment greetings-api",
    "update kubernetes:apps/v1:Deployment greetings-worker",
    "update kubernetes:apps/v1:Deployment prometheus-state",
    "update kubernetes:apps/v1:Deployment telegraf-services",
    "update kubernetes:apps/v1:StatefulSet consul",
    "update kubernetes:apps/v1:StatefulSet grafana",
    "update kubernetes:apps/v1:StatefulSet influxdb",
    "update kubernetes:apps/v1:StatefulSet kafka",
    "update kubernetes:apps/v1:StatefulSet prometheus",
    "update kubernetes:apps/v1:StatefulSet prometheus-alertmanager",
    "update kubernetes:apps/v1:StatefulSet zookeeper",
  ],
};

const instanceTypes: Row = {
  title: "nodeInstanceTypes m7i.xlarge to m7i.2xlarge",
  changed: { nodeInstanceTypes: ["m7i.2xlarge"] },
  // EKS cannot change it: new groups come before the old ones go, and pods move.
  operations: [
    ...allNodes("replace"),
    ...openings.flatMap((of) =>
      [1, 2, 3, 4].map((at) => `replace aws:autoscaling/attachment:Attachment ${of}-${at}`),
    ),
  ],
};

const mostNodes: Row = {
  title: "nodesPerZoneMax 3 to 4",
  changed: { nodesPerZoneMax: 4 },
  operations: zonesNodes,
};

const fewestNodes: Row = {
  title: "nodesPerZoneMin 1 to 2",
  changed: { nodesPerZoneMin: 2 },
  operations: zonesNodes,
};

const nodesAcross: Row = {
  title: "nodesAcrossMin 2 to 3",
  changed: { nodesAcrossMin: 3 },
  operations: [nodeGroup("update", "across")],
};

const kubernetesVersion: Row = {
  title: "kubernetesVersion 1.35 to 1.36",
  changed: { kubernetesVersion: "1.36" },
  operations: ["update aws:eks/cluster:Cluster cluster", ...allNodes("update")],
};

const endpointCidrs: Row = {
  title: "publicEndpointCidrs none to one",
  changed: { publicEndpointCidrs: ["198.51.100.7/32"] },
  operations: ["update aws:eks/cluster:Cluster cluster"],
};

const admins: Row = {
  title: "clusterAdmins and one more",
  changed: {
    clusterAdmins: [
      "arn:aws:iam::123456789012:role/deploy",
      "arn:aws:iam::123456789012:role/operator",
    ],
  },
  operations: [
    "create aws:eks/accessEntry:AccessEntry cluster-admin-operator",
    "create aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-admin-operator",
  ],
};

const natGateways: Row = {
  title: "natGateways perZone to one",
  changed: { natGateways: "one" },
  operations: zones
    .slice(1)
    .flatMap((zone) => [
      `delete aws:ec2/eip:Eip network-nat-${zone}`,
      `delete aws:ec2/natGateway:NatGateway network-nat-${zone}`,
      `update aws:ec2/route:Route network-private-${zone}`,
    ]),
};

const fourthZone: Row = {
  title: "awsZones and a fourth",
  changed: { awsZones: ["a", "b", "c", "d"] },
  operations: [
    ...openings.map((of) => `create aws:autoscaling/attachment:Attachment ${of}-5`),
    "create aws:ec2/eip:Eip network-nat-eu-central-1d",
    "create aws:ec2/natGateway:NatGateway network-nat-eu-central-1d",
    "create aws:ec2/route:Route network-private-eu-central-1d",
    "create aws:ec2/routeTable:RouteTable network-private-eu-central-1d",
    ...["database", "private", "public"].flatMap((kind) => [
      `create aws:ec2/routeTableAssociation:RouteTableAssociation network-${kind}-eu-central-1d`,
      `create aws:ec2/subnet:Subnet network-${kind}-eu-central-1d`,
    ]),
    "create aws:eks/nodeGroup:NodeGroup nodes-eu-central-1d",
    "update aws:ec2/vpcEndpoint:VpcEndpoint network-s3",
    "update aws:lb/loadBalancer:LoadBalancer web",
    "update aws:rds/subnetGroup:SubnetGroup database-greetings",
    // The load balancer stands in the fourth zone, too.
    "update kubernetes:networking.k8s.io/v1:NetworkPolicy console",
    // The database may be in the fourth zone after a failover.
    "update kubernetes:networking.k8s.io/v1:NetworkPolicy migrations",
  ],
};

const retain: Row = {
  title: "retain true to false",
  changed: { retain: false },
  operations: [
    "update aws:cognito/userPool:UserPool login",
    ...apps.map((app) => `update aws:ecr/repository:Repository registry-${app}`),
    "update aws:eks/cluster:Cluster cluster",
    "update aws:kms/key:Key database-greetings",
    "update aws:kms/key:Key secrets",
    "update aws:kms/key:Key volumes",
    "update aws:lb/loadBalancer:LoadBalancer web",
    "update aws:rds/instance:Instance database-greetings",
    "update aws:route53/zone:Zone zone",
    ...["backups", "infra", "logs", "static"].map((name) => `update aws:s3/bucket:Bucket ${name}`),
    "update kubernetes:apps/v1:StatefulSet consul",
    "update kubernetes:apps/v1:StatefulSet influxdb",
    "update kubernetes:apps/v1:StatefulSet kafka",
    "update kubernetes:apps/v1:StatefulSet prometheus",
    "update kubernetes:apps/v1:StatefulSet prometheus-alertmanager",
    "update kubernetes:apps/v1:StatefulSet zookeeper",
  ],
};

/**
 * The table. A plan takes a quarter of a minute, so rows that have no resource in common share one:
 * it must come to what they say together, and nothing else.
 */
export const groups: readonly (readonly Row[])[] = [
  [nothing],
  [apiMaxReplicas, kafkaHeap, topicPartitions, endpointCidrs, admins, mostNodes],
  [fewestNodes, nodesAcross, natGateways, gossipKey],
  [kubernetesVersion],
  [fourthZone, certificates],
  [instanceTypes, retain],
];
