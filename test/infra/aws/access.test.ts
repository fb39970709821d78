import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { kubeconfigOf, podRole } from "../../../infra/aws/access.ts";
import { readContexts } from "../../../infra/kubeconfig.ts";
import { neededBy } from "../../graph.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { makeCluster } from "./makeCluster.ts";
import { namesOf, recordAws } from "./recordAws.ts";

/** What is recorded of a role for pods, and of what they do by it. */
function recorded() {
  return recordAws(async (opts) => {
    const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
    const pods = { cluster: makeCluster(opts), namespace: "kafka", serviceAccount: "backup" };
    const roleArn = podRole("kafka-backup", pods, ["AmazonS3ReadOnlyAccess"], parent);
    const { namespace, serviceAccount } = pods;
    const bond = { clusterName: pods.cluster.name, namespace, serviceAccount, roleArn };
    new aws.eks.PodIdentityAssociation("kafka-backup", bond, { parent });
  });
}

describe("access", () => {
  it("to Kubernetes is by a token of the AWS CLI, without a secret", async () => {
    let text = "";
    await recordAws(async (opts) => {
      const kubeconfig = kubeconfigOf(makeCluster(opts), "eu-central-1");
      assert.equal(await pulumi.isSecret(kubeconfig), false);
      text = await settle(kubeconfig);
    });
    assert.deepEqual([...readContexts([text])], [["web-greetings-dev", "https://api.eks.example"]]);
    const { clusters, users, "current-context": current } = JSON.parse(text);
    assert.equal(current, "web-greetings-dev");
    assert.equal(clusters[0].cluster["certificate-authority-data"], "Q0E=");
    assert.deepEqual(users, [
      {
        name: "web-greetings-dev",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: [
              "--region",
              "eu-central-1",
              "eks",
              "get-token",
              "--cluster-name",
              "web-greetings-dev",
            ],
            interactiveMode: "Never",
          },
        },
      },
    ]);
  });

  it("to AWS is a role of one service account of one cluster", async () => {
    const resources = await recorded();
    assert.deepEqual(
      namesOf(resources).filter((name) => name.includes(" kafka-backup")),
      [
        "PodIdentityAssociation kafka-backup",
        "Role kafka-backup",
        "RolePolicyAttachment kafka-backup-AmazonS3ReadOnlyAccess",
      ],
    );
    const { roleArn } = inputsOf(resources, "PodIdentityAssociation", "kafka-backup");
    assert.equal(roleArn, "arn:kafka-backup");
    assert.deepEqual(inputsOf(resources, "Role", "kafka-backup"), {
      name: "web-greetings-dev-kafka-backup",
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:TagSession"],
            Condition: {
              StringEquals: {
                "aws:RequestTag/eks-cluster-arn": "arn:cluster",
                "aws:RequestTag/kubernetes-namespace": "kafka",
                "aws:RequestTag/kubernetes-service-account": "backup",
              },
            },
          },
        ],
      },
    });
  });

  it("to AWS ends before the role's policy does", async () => {
    const needs = neededBy(await recorded(), "PodIdentityAssociation kafka-backup");
    assert.ok(needs.has("RolePolicyAttachment kafka-backup-AmazonS3ReadOnlyAccess"));
    assert.ok(needs.has("Cluster cluster"));
  });
});
