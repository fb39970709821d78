import assert from "node:assert/strict";
import { diffInputs } from "../../../../sandbox/plugins/aws/diff.ts";
import type { AwsType } from "../../../../sandbox/plugins/aws/kind.ts";
import { AWS_TYPES } from "../../../../sandbox/plugins/aws/types.ts";
import { type PropertyMap, Secret, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";

function typeOf(token: string): AwsType {
  const type = AWS_TYPES[token];
  assert.ok(type, token);
  return type;
}

const SUBNET = typeOf("aws:ec2/subnet:Subnet");
const CLUSTER = typeOf("aws:eks/cluster:Cluster");
const NODES = typeOf("aws:eks/nodeGroup:NodeGroup");
const RULE = typeOf("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");

const NOTHING = { changed: false, replaces: [], deleteBeforeReplace: false, detailed: {} };

interface Case {
  readonly what: string;
  readonly type: AwsType;
  readonly before: PropertyMap;
  readonly after: PropertyMap;
  /** What changes, by path; nothing where it is empty. */
  readonly detailed: Readonly<Record<string, string>>;
}

const encryption = { provider: { keyArn: "k" }, resources: ["secrets"] };

const cases: readonly Case[] = [
  {
    what: "a subnet's range replaces it",
    type: SUBNET,
    before: { vpcId: "vpc-1", cidrBlock: "10.0.0.0/24" },
    after: { vpcId: "vpc-1", cidrBlock: "10.0.1.0/24" },
    detailed: { cidrBlock: "update-replace" },
  },
  {
    what: "tags are updated, entry by entry",
    type: SUBNET,
    before: { tags: { a: "1", "kubernetes.io/role/elb": "1" } },
    after: { tags: { a: "2", b: "3" } },
    detailed: { "tags.a": "update", 'tags["kubernetes.io/role/elb"]': "delete", "tags.b": "add" },
  },
  {
    what: "a value that is not known yet replaces where a change would",
    type: SUBNET,
    before: { vpcId: "vpc-1", mapPublicIpOnLaunch: false },
    after: { vpcId: UNKNOWN, mapPublicIpOnLaunch: UNKNOWN },
    detailed: { vpcId: "update-replace", mapPublicIpOnLaunch: "update" },
  },
  {
    what: "one input within another replaces, its neighbour does not",
    type: CLUSTER,
    before: {
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    },
    after: {
      accessConfig: {
        authenticationMode: "CONFIG_MAP",
        bootstrapClusterCreatorAdminPermissions: true,
      },
    },
    detailed: {
      "accessConfig.authenticationMode": "update",
      "accessConfig.bootstrapClusterCreatorAdminPermissions": "update-replace",
    },
  },
  {
    what: "a version, log types and access are updated in a cluster",
    type: CLUSTER,
    before: { version: "1.33", vpcConfig: { publicAccessCidrs: ["a", "b"] } },
    after: { version: "1.34", vpcConfig: { publicAccessCidrs: ["a"] } },
    detailed: { version: "update", "vpcConfig.publicAccessCidrs": "update" },
  },
  {
    what: "the encryption of secrets can be switched on",
    type: CLUSTER,
    before: {},
    after: { encryptionConfig: encryption },
    detailed: {
      "encryptionConfig.provider.keyArn": "add",
      "encryptionConfig.resources[0]": "add",
    },
  },
  {
    what: "the encryption of secrets cannot be switched off",
    type: CLUSTER,
    before: { encryptionConfig: encryption },
    after: {},
    detailed: {
      "encryptionConfig.provider.keyArn": "delete-replace",
      "encryptionConfig.resources[0]": "delete-replace",
    },
  },
  {
    what: "a node group takes a new version of its launch template, but no other template",
    type: NODES,
    before: { launchTemplate: { id: "lt-1", version: "1" } },
    after: { launchTemplate: { id: "lt-2", version: UNKNOWN } },
    detailed: { "launchTemplate.id": "update-replace", "launchTemplate.version": "update" },
  },
  {
    what: "a block that is not known at all may hold what replaces",
    type: NODES,
    before: { launchTemplate: { id: "lt-1", version: "1" } },
    after: { launchTemplate: UNKNOWN },
    detailed: { launchTemplate: "update-replace" },
  },
  {
    what: "sets have no order, lists have one",
    type: NODES,
    before: { subnetIds: ["s-1", "s-2"], instanceTypes: ["m", "l"] },
    after: { subnetIds: ["s-2", "s-1"], instanceTypes: ["l", "m"] },
    detailed: {
      "instanceTypes[0]": "update-replace",
      "instanceTypes[1]": "update-replace",
    },
  },
  {
    what: "a set that holds an unknown value changes",
    type: NODES,
    before: { subnetIds: ["s-1", "s-2"] },
    after: { subnetIds: ["s-1", UNKNOWN] },
    detailed: { subnetIds: "update-replace" },
  },
  {
    what: "a rule takes another source of the same kind",
    type: RULE,
    before: { cidrIpv4: "10.0.0.0/8" },
    after: { cidrIpv4: "10.0.0.0/16" },
    detailed: { cidrIpv4: "update" },
  },
  {
    what: "a rule is replaced for a source of another kind",
    type: RULE,
    before: { cidrIpv4: "10.0.0.0/8" },
    after: { referencedSecurityGroupId: "sg-1" },
    detailed: { cidrIpv4: "delete-replace", referencedSecurityGroupId: "add" },
  },
  {
    what: "nothing, an empty map and an empty list are the same",
    type: CLUSTER,
    before: { tags: {}, enabledClusterLogTypes: [] },
    after: {},
    detailed: {},
  },
  {
    what: "a secret is compared by its value",
    type: SUBNET,
    before: { tags: { a: "1" } },
    after: { tags: new Secret({ a: new Secret("1") }) },
    detailed: {},
  },
  {
    what: "what the plugin filled in is no input, at any depth",
    type: CLUSTER,
    before: {
      __defaults: ["bootstrapSelfManagedAddons"],
      bootstrapSelfManagedAddons: true,
      vpcConfig: { __defaults: ["endpointPublicAccess"], endpointPublicAccess: true },
    },
    after: {},
    detailed: {},
  },
  {
    what: "what the plugin filled in and the program now gives is compared",
    type: CLUSTER,
    before: { __defaults: ["bootstrapSelfManagedAddons"], bootstrapSelfManagedAddons: true },
    after: { bootstrapSelfManagedAddons: false },
    detailed: { bootstrapSelfManagedAddons: "update-replace" },
  },
];

describe("what a change does on AWS", () => {
  for (const { what, type, before, after, detailed } of cases) {
    it(what, () => {
      const diff = diffInputs(type, before, after);
      assert.deepEqual(diff.detailed, detailed);
      assert.equal(diff.changed, Object.keys(detailed).length > 0);
      assert.equal(
        diff.replaces.length > 0,
        Object.values(detailed).some((kind) => kind.endsWith("-replace")),
      );
    });
  }

  it("names what replaces by its input, once", () => {
    const after = { instanceTypes: ["a", "b"], launchTemplate: { id: "lt-1" } };
    assert.deepEqual(diffInputs(NODES, {}, after).replaces, ["instanceTypes", "launchTemplate"]);
  });

  it("takes away first what keeps a name that the program gave", () => {
    const before = { name: "prod", roleArn: "a" };
    assert.equal(
      diffInputs(CLUSTER, before, { ...before, roleArn: "b" }).deleteBeforeReplace,
      true,
    );
    assert.deepEqual(diffInputs(CLUSTER, before, before), NOTHING);
    const renamed = diffInputs(CLUSTER, before, { name: "other", roleArn: "b" });
    assert.equal(renamed.deleteBeforeReplace, false);
    const madeUp = { ...before, __defaults: ["name"] };
    assert.equal(
      diffInputs(CLUSTER, madeUp, { ...before, roleArn: "b" }).deleteBeforeReplace,
      false,
    );
  });
});
