import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEarlyAddons, createLateAddons } from "../../../infra/aws/addons.ts";
import { Cluster, type ClusterArgs } from "../../../infra/aws/cluster.ts";
import { Nodes, type NodesArgs } from "../../../infra/aws/nodes.ts";

/** The role that administers the test's cluster. */
export const deployRole = "arn:aws:iam::123456789012:role/ci/deploy";

/** Zones of the test's nodes. */
export const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] as const;

/** The private part of a network of three zones. */
export function fakeNetwork() {
  return {
    vpcId: pulumi.output("vpc-1"),
    privateSubnetIds: zones.map((zone) => pulumi.output(`subnet-${zone}`)),
  };
}

/** A cluster as in a stack that keeps nothing. */
export function makeCluster(
  opts: pulumi.ComponentResourceOptions,
  wishes: Partial<ClusterArgs> = {},
): Cluster {
  return new Cluster(
    "cluster",
    {
      name: "web-greetings-dev",
      version: "1.35",
      network: fakeNetwork(),
      key: new aws.kms.Key("secrets", {}, { provider: providerOf(opts) }),
      publicCidrs: [],
      retain: false,
      adminRoleArns: [deployRole],
      ...wishes,
    },
    opts,
  );
}

/** Nodes in three zones. */
export function makeNodes(
  opts: pulumi.ComponentResourceOptions,
  cluster: Cluster,
  wishes: Partial<NodesArgs> = {},
): Nodes {
  return new Nodes(
    "nodes",
    {
      name: "web-greetings-dev",
      cluster,
      network: fakeNetwork(),
      zones,
      version: "1.35",
      releaseVersion: "newest",
      instanceTypes: ["m7i.large", "m6i.large"],
      perZone: { min: 1, max: 3 },
      across: { min: 0, max: 4 },
      volumeGiB: 50,
      volumeKey: new aws.kms.Key("volumes", {}, { provider: providerOf(opts) }),
      after: [],
      tags: { project: "web-greetings", stack: "dev" },
      ...wishes,
    },
    opts,
  );
}

/** A cluster with its nodes and all its addons, joined as the platform joins them. */
export function makeWhole(opts: pulumi.ComponentResourceOptions) {
  const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
  const cluster = makeCluster(opts);
  const nodes = makeNodes(opts, cluster, { after: createEarlyAddons(cluster, parent) });
  return { parent, cluster, nodes, addons: createLateAddons(cluster, nodes, parent) };
}

function providerOf({ providers }: pulumi.ComponentResourceOptions): pulumi.ProviderResource {
  const [provider] = Object.values(providers ?? {});
  if (provider === undefined) throw new Error("no provider in the options");
  return provider;
}
