import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { kubeconfigOf, workloadRole } from "../../../infra/aws/access.ts";
import { readContexts } from "../../../infra/kubeconfig.ts";
import { neededBy } from "../../graph.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { makeCluster } from "./makeCluster.ts";
import { namesOf, recordAws, refusal } from "./recordAws.ts";

function recorded(actions: readonly string[]) {
  return recordAws((opts) => {
    const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
    const statements = [{ actions, resources: ["arn:aws:s3:::backups/kafka/*"] }];
    const pods = { cluster: makeCluster(opts), namespace: "kafka", serviceAccount: "backup" };
    workloadRole("kafka-backup", { ...pods, statements }, parent);
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
    const resources = await recorded(["s3:GetObject", "s3:PutObject"]);
    assert.deepEqual(
      namesOf(resources).filter((name) => name.endsWith(" kafka-backup")),
      ["PodIdentityAssociation kafka-backup", "Role kafka-backup", "RolePolicy kafka-backup"],
    );
    assert.deepEqual(inputsOf(resources, "PodIdentityAssociation", "kafka-backup"), {
      clusterName: "web-greetings-dev",
      namespace: "kafka",
      serviceAccount: "backup",
      roleArn: "arn:kafka-backup",
    });
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
    assert.deepEqual(inputsOf(resources, "RolePolicy", "kafka-backup"), {
      role: "web-greetings-dev-kafka-backup",
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["s3:GetObject", "s3:PutObject"],
            Resource: ["arn:aws:s3:::backups/kafka/*"],
          },
        ],
      },
    });
  });

  it("to AWS ends before the role's policy does", async () => {
    const needs = neededBy(await recorded(["s3:GetObject"]), "PodIdentityAssociation kafka-backup");
    assert.ok(needs.has("RolePolicy kafka-backup"));
    assert.ok(needs.has("Cluster cluster"));
  });

  it("fails when an action is a pattern", async () => {
    for (const action of ["*", "s3:*", "s3:Get?bject"]) {
      await assert.rejects(
        recorded(["s3:GetObject", action]),
        refusal(
          `an action of the role kafka-backup: got "${action}"; ` +
            "allowed: actions by their full names, such as s3:GetObject",
        ),
      );
    }
  });
});
