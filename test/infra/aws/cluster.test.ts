import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { ClusterArgs } from "../../../infra/aws/cluster.ts";
import { neededBy } from "../../graph.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { deployRole, makeCluster, zones } from "./makeCluster.ts";
import { namesOf, protectedIn, recordAws, refusal } from "./recordAws.ts";

/** What is recorded of a cluster, and what of it is protected. */
async function recorded(wishes: Partial<ClusterArgs> = {}) {
  const resources = await recordAws((opts) => {
    makeCluster(opts, wishes);
  });
  return { resources, isProtected: protectedIn(resources) };
}

describe("cluster", () => {
  it("is a control plane with its logs, its role and its administrators", async () => {
    const { resources } = await recorded();
    assert.deepEqual(namesOf(resources), [
      "LogGroup cluster",
      "AccessEntry cluster-admin-deploy",
      "AccessPolicyAssociation cluster-admin-deploy",
      "Cluster cluster",
      "Role cluster",
      "RolePolicy cluster",
      "RolePolicyAttachment cluster-AmazonEKSClusterPolicy",
      "Key secrets",
      "Cluster cluster",
    ]);
  });

  it("keeps its secrets encrypted, its logs, and its API to the VPC", async () => {
    const { resources, isProtected } = await recorded();
    const cluster = resources.find(({ type }) => type === "aws:eks/cluster:Cluster");
    assert.deepEqual(cluster?.inputs, {
      name: "web-greetings-dev",
      version: "1.35",
      roleArn: "arn:cluster",
      vpcConfig: {
        subnetIds: zones.map((zone) => `subnet-${zone}`),
        endpointPrivateAccess: true,
        endpointPublicAccess: false,
      },
      encryptionConfig: { provider: { keyArn: "arn:secrets" }, resources: ["secrets"] },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      enabledClusterLogTypes: ["api", "audit", "authenticator"],
      upgradePolicy: { supportType: "STANDARD" },
      bootstrapSelfManagedAddons: false,
      deletionProtection: false,
    });
    assert.deepEqual(isProtected, []);
    assert.deepEqual(inputsOf(resources, "LogGroup", "cluster"), {
      name: "/aws/eks/web-greetings-dev/cluster",
      retentionInDays: 90,
    });
  });

  it("opens its API to the listed CIDRs, and is protected where data is retained", async () => {
    const publicCidrs = ["198.51.100.0/24", "203.0.113.7/32"];
    const { resources, isProtected } = await recorded({ publicCidrs, retain: true });
    const cluster = resources.find(({ type }) => type === "aws:eks/cluster:Cluster");
    assert.deepEqual(cluster?.inputs.vpcConfig, {
      subnetIds: zones.map((zone) => `subnet-${zone}`),
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: publicCidrs,
    });
    assert.equal(cluster?.inputs.deletionProtection, true);
    assert.deepEqual(isProtected, ["Cluster cluster"]);
  });

  it("has a role that may use the key and may not bring the logs back", async () => {
    const { resources } = await recorded();
    assert.deepEqual(inputsOf(resources, "RolePolicy", "cluster").policy.Statement, [
      {
        Effect: "Allow",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"],
        Resource: ["arn:secrets"],
      },
      {
        Effect: "Deny",
        Action: ["logs:CreateLogGroup"],
        Resource: ["arn:cluster", "arn:cluster:*"],
      },
    ]);
  });

  it("is administered by each of the roles, by whole ARNs", async () => {
    const other = "arn:aws:iam::123456789012:role/admin";
    const { resources } = await recorded({ adminRoleArns: [deployRole, other] });
    for (const [name, principalArn] of [
      ["cluster-admin-deploy", deployRole],
      ["cluster-admin-admin", other],
    ] as const) {
      const common = { clusterName: "web-greetings-dev", principalArn };
      assert.deepEqual(inputsOf(resources, "AccessEntry", name), { ...common, type: "STANDARD" });
      assert.deepEqual(inputsOf(resources, "AccessPolicyAssociation", name), {
        ...common,
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      });
    }
  });

  it("goes before its role's policies, its logs and its key", async () => {
    const { resources } = await recorded();
    assert.deepEqual([...neededBy(resources, "Cluster cluster")].sort(), [
      "Key secrets",
      "LogGroup cluster",
      "Role cluster",
      "RolePolicy cluster",
      "RolePolicyAttachment cluster-AmazonEKSClusterPolicy",
    ]);
  });

  it("lets its administrators in before whoever talks to Kubernetes", async () => {
    const resources = await recordAws((opts) => {
      const { endpoint } = makeCluster(opts);
      new k8s.Provider("cluster", { kubeconfig: endpoint });
    });
    const needs = neededBy(resources, "kubernetes cluster");
    assert.ok(needs.has("AccessPolicyAssociation cluster-admin-deploy"));
    assert.ok(needs.has("AccessEntry cluster-admin-deploy"));
  });

  it("tells its endpoint, its authority and its security group", async () => {
    await recordAws(async (opts) => {
      const cluster = makeCluster(opts);
      assert.equal(await settle(cluster.endpoint), "https://api.eks.example");
      assert.equal(await settle(cluster.caData), "Q0E=");
      assert.equal(await settle(cluster.securityGroupId), "sg-cluster");
      assert.equal(await settle(cluster.arn), "arn:cluster");
    });
  });

  it("fails when the version, a CIDR or the administrators are not allowed", async () => {
    const cases: [Partial<ClusterArgs>, string][] = [
      [{ version: "1.20" }, 'no such version of EKS: got "1.20"; allowed: 1.34, 1.35, 1.36'],
      [
        { publicCidrs: ["198.51.100.0/24", "0.0.0.0/0"] },
        'who reaches the API server: got "0.0.0.0/0"; ' +
          "allowed: CIDRs smaller than the whole world, or none",
      ],
      [
        { adminRoleArns: [] },
        "who administers the cluster: got nobody; " +
          "allowed: at least one ARN such as arn:aws:iam::123456789012:role/deploy",
      ],
      [
        { adminRoleArns: [deployRole, "deploy"] },
        'who administers the cluster: got "deploy"; ' +
          "allowed: at least one ARN such as arn:aws:iam::123456789012:role/deploy",
      ],
    ];
    for (const [wishes, message] of cases) {
      const resources = await recordAws((opts) => {
        assert.throws(() => makeCluster(opts, wishes), refusal(message));
      });
      assert.deepEqual(namesOf(resources), ["Key secrets"]);
    }
  });
});
