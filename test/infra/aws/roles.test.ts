import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { createRole, type RoleArgs } from "../../../infra/aws/roles.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, recordAws, refusal } from "./recordAws.ts";

function recorded(wishes: Partial<RoleArgs>) {
  return recordAws((opts) => {
    const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
    createRole("it", { roleName: "prod-it", service: "eks.amazonaws.com", ...wishes }, parent);
  });
}

describe("role", () => {
  it("is taken on by one service, and may do nothing unless it is said", async () => {
    const resources = await recorded({});
    assert.deepEqual(namesOf(resources), ["Role it", "Parent parent"]);
    assert.deepEqual(inputsOf(resources, "Role", "it"), {
      name: "prod-it",
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "eks.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      },
    });
  });

  it("has a policy of its own beside those of AWS", async () => {
    const resources = await recorded({
      managed: ["AmazonEKSClusterPolicy"],
      statements: [{ actions: ["kms:Decrypt"], resources: ["arn:key"] }],
    });
    assert.deepEqual(namesOf(resources), [
      "Role it",
      "RolePolicy it",
      "RolePolicyAttachment it-AmazonEKSClusterPolicy",
      "Parent parent",
    ]);
    assert.deepEqual(inputsOf(resources, "RolePolicy", "it"), {
      role: "prod-it",
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["kms:Decrypt"], Resource: ["arn:key"] }],
      },
    });
  });

  it("fails when an action is a pattern, before any resource of its own", async () => {
    const resources = await recordAws((opts) => {
      const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
      const statements = [{ actions: ["kms:*"], resources: ["arn:key"] }];
      const role = { roleName: "it", service: "eks.amazonaws.com", statements };
      assert.throws(
        () => createRole("it", role, parent),
        refusal(
          'an action of the role it: got "kms:*"; ' +
            "allowed: actions by their full names, such as s3:GetObject",
        ),
      );
    });
    assert.deepEqual(namesOf(resources), ["Parent parent"]);
  });
});
