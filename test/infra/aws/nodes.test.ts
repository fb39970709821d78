import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import type { NodesArgs } from "../../../infra/aws/nodes.ts";
import { neededBy } from "../../graph.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { makeCluster, makeNodes, makeWhole, zones } from "./makeCluster.ts";
import { namesOf, recordAws, refusal } from "./recordAws.ts";

const policies = [
  "AmazonEC2ContainerRegistryPullOnly",
  "AmazonEKSWorkerNodePolicy",
  "AmazonSSMManagedInstanceCore",
];

/** Names of the groups, in the order in which the load balancer knows them. */
const groups = ["across", ...zones];

function recorded(wishes: Partial<NodesArgs> = {}) {
  return recordAws((opts) => {
    makeNodes(opts, makeCluster(opts), wishes);
  });
}

describe("nodes", () => {
  it("are a group across zones and one in each, with a template, a role and a security group", async () => {
    const resources = await recorded();
    assert.deepEqual(
      namesOf(resources).filter((name) => /\b(nodes|volumes)\b/.test(name)),
      [
        "LaunchTemplate nodes",
        "SecurityGroup nodes",
        ...groups.map((group) => `NodeGroup nodes-${group}`),
        "Role nodes",
        ...policies.map((policy) => `RolePolicyAttachment nodes-${policy}`),
        "Key volumes",
        "Nodes nodes",
      ],
    );
  });

  it("stand in the subnet of their zone, or in all, and are replaced one at a time", async () => {
    const resources = await recorded();
    for (const group of groups) {
      const isAcross = group === "across";
      assert.deepEqual(inputsOf(resources, "NodeGroup", `nodes-${group}`), {
        clusterName: "web-greetings-dev",
        nodeRoleArn: "arn:nodes",
        subnetIds: (isAcross ? zones : [group]).map((zone) => `subnet-${zone}`),
        amiType: "AL2023_x86_64_STANDARD",
        version: "1.35",
        instanceTypes: ["m7i.large", "m6i.large"],
        launchTemplate: { id: "nodes-id", version: "3" },
        scalingConfig: isAcross
          ? { minSize: 0, maxSize: 4, desiredSize: 0 }
          : { minSize: 1, maxSize: 3, desiredSize: 1 },
        updateConfig: { maxUnavailable: 1 },
      });
    }
  });

  it("are of a release where one is asked for", async () => {
    const resources = await recorded({ releaseVersion: "1.35.2-20260301" });
    const { releaseVersion } = inputsOf(resources, "NodeGroup", "nodes-eu-central-1a");
    assert.equal(releaseVersion, "1.35.2-20260301");
  });

  it("have encrypted volumes, no key of people, and keep their role to themselves", async () => {
    const resources = await recorded();
    const tags = { project: "web-greetings", stack: "dev", Name: "web-greetings-dev-node" };
    assert.deepEqual(inputsOf(resources, "LaunchTemplate", "nodes"), {
      vpcSecurityGroupIds: ["sg-cluster", "nodes-id"],
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize: 50,
            encrypted: "true",
            kmsKeyId: "arn:volumes",
            deleteOnTermination: "true",
          },
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags,
      })),
    });
  });

  it("have a security group without a rule and a role with three policies of AWS", async () => {
    const resources = await recorded();
    const { description, ...group } = inputsOf(resources, "SecurityGroup", "nodes");
    assert.match(description, /^[\w ;]{1,255}$/);
    assert.deepEqual(group, { vpcId: "vpc-1", tags: { Name: "web-greetings-dev-nodes" } });
    assert.equal(inputsOf(resources, "Role", "nodes").name, "web-greetings-dev-nodes");
    for (const policy of policies) {
      assert.deepEqual(inputsOf(resources, "RolePolicyAttachment", `nodes-${policy}`), {
        role: "web-greetings-dev-nodes",
        policyArn: `arn:aws:iam::aws:policy/${policy}`,
      });
    }
  });

  it("leave how many there are to those who change it later, and stay where they are", async () => {
    const ignored = new Map<string, string[]>();
    await recordAws((opts) => {
      const cluster = makeCluster(opts);
      const watch = ({ type, name, opts }: pulumi.ResourceTransformationArgs) => {
        if (opts.ignoreChanges) ignored.set(`${type} ${name}`, opts.ignoreChanges);
        return undefined;
      };
      makeNodes({ ...opts, transformations: [watch] }, cluster);
    });
    assert.deepEqual(
      [...ignored],
      groups.map((group) => [
        `aws:eks/nodeGroup:NodeGroup nodes-${group}`,
        ["scalingConfig.desiredSize", "subnetIds"],
      ]),
    );
  });

  it("tell the autoscaling groups behind them, and when they stand", async () => {
    await recordAws(async (opts) => {
      const nodes = makeNodes(opts, makeCluster(opts));
      assert.deepEqual(
        await Promise.all(nodes.autoscalingGroupNames.map(settle)),
        groups.map((group) => `eks-nodes-${group}`),
      );
      assert.equal(await settle(nodes.securityGroupId), "nodes-id");
      assert.deepEqual(nodes.tags, { project: "web-greetings", stack: "dev" });
    });
  });

  it("go before the early addons, their role's policies, their template and the cluster", async () => {
    const resources = await recordAws(makeWhole);
    for (const group of groups) {
      const needs = neededBy(resources, `NodeGroup nodes-${group}`);
      for (const need of [
        "Addon vpc-cni",
        "Addon kube-proxy",
        "Addon eks-pod-identity-agent",
        ...policies.map((policy) => `RolePolicyAttachment nodes-${policy}`),
        "LaunchTemplate nodes",
        "SecurityGroup nodes",
        "Key volumes",
        "Cluster cluster",
      ]) {
        assert.ok(needs.has(need), need);
      }
    }
  });

  it("fail when a zone has no subnet", async () => {
    const message =
      "zones of the nodes: got 2; allowed: one for each private subnet, of which there are 3";
    await recordAws((opts) => {
      const cluster = makeCluster(opts);
      const wishes = { zones: zones.slice(0, 2) };
      assert.throws(() => makeNodes(opts, cluster, wishes), refusal(message));
    });
  });
});
