import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { neededBy } from "../../graph.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { makeWhole, zones } from "./makeCluster.ts";
import { namesOf, recordAws } from "./recordAws.ts";

const early = ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"];
const late = ["aws-ebs-csi-driver", "coredns", "metrics-server"];
const common = {
  clusterName: "web-greetings-dev",
  resolveConflictsOnCreate: "OVERWRITE",
  resolveConflictsOnUpdate: "OVERWRITE",
};

describe("addons", () => {
  it("are six, and two of them act on AWS", async () => {
    const resources = await recordAws(makeWhole);
    assert.deepEqual(
      namesOf(resources).filter((name) => name.startsWith("Addon ")),
      [...early, ...late].sort().map((name) => `Addon ${name}`),
    );
    for (const name of ["coredns", "metrics-server", "kube-proxy", "eks-pod-identity-agent"]) {
      assert.deepEqual(inputsOf(resources, "Addon", name), { ...common, addonName: name });
    }
  });

  it("enforce network policies, with a role of the pods' network", async () => {
    const resources = await recordAws(makeWhole);
    assert.deepEqual(inputsOf(resources, "Addon", "vpc-cni"), {
      ...common,
      addonName: "vpc-cni",
      configurationValues: '{"enableNetworkPolicy":"true"}',
      podIdentityAssociations: [{ serviceAccount: "aws-node", roleArn: "arn:vpc-cni" }],
    });
    assert.equal(
      inputsOf(resources, "RolePolicyAttachment", "vpc-cni-AmazonEKS_CNI_Policy").policyArn,
      "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    );
  });

  it("make volumes that carry the nodes' tags", async () => {
    const resources = await recordAws(makeWhole);
    const name = "aws-ebs-csi-driver";
    assert.deepEqual(inputsOf(resources, "Addon", name), {
      ...common,
      addonName: name,
      configurationValues:
        '{"controller":{"extraVolumeTags":{"project":"web-greetings","stack":"dev"}}}',
      podIdentityAssociations: [
        { serviceAccount: "ebs-csi-controller-sa", roleArn: `arn:${name}` },
      ],
    });
    assert.equal(
      inputsOf(resources, "RolePolicyAttachment", `${name}-AmazonEBSCSIDriverPolicyV2`).policyArn,
      "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2",
    );
  });

  it("go in order: what has volumes, late ones, nodes, early ones, cluster", async () => {
    const resources = await recordAws((opts) => {
      const { addons, parent } = makeWhole(opts);
      const displayName = addons.ready.apply(() => "what has volumes");
      new aws.sns.Topic("user", { displayName }, { parent });
    });
    const groups = ["across", ...zones].map((group) => `NodeGroup nodes-${group}`);
    const needs = neededBy(resources, "Topic user");
    for (const name of late) assert.ok(needs.has(`Addon ${name}`), name);
    for (const name of late) {
      const ofLate = neededBy(resources, `Addon ${name}`);
      for (const group of groups) assert.ok(ofLate.has(group), `${name} ${group}`);
    }
    for (const name of early) {
      const ofEarly = neededBy(resources, `Addon ${name}`);
      assert.ok(ofEarly.has("Cluster cluster"), name);
      assert.deepEqual(
        groups.filter((group) => ofEarly.has(group)),
        [],
      );
    }
  });

  it("keep their roles' policies to their end", async () => {
    const resources = await recordAws(makeWhole);
    for (const [name, policy] of [
      ["vpc-cni", "AmazonEKS_CNI_Policy"],
      ["aws-ebs-csi-driver", "AmazonEBSCSIDriverPolicyV2"],
    ] as const) {
      const needs = neededBy(resources, `Addon ${name}`);
      assert.ok(needs.has(`RolePolicyAttachment ${name}-${policy}`), name);
    }
  });
});
