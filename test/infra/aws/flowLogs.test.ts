import assert from "node:assert/strict";
import { neededBy } from "../../graph.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { plainNetwork } from "./recordNetwork.ts";

describe("flow logs", () => {
  it("hold all traffic of the VPC for 90 days in a group of ours", async () => {
    const resources = await plainNetwork();
    const name = "network-flow-logs";
    assert.deepEqual(inputsOf(resources, "LogGroup", name), {
      name: "/aws/vpc/web-greetings-prod/flow-logs",
      retentionInDays: 90,
    });
    assert.deepEqual(inputsOf(resources, "FlowLog", name), {
      vpcId: "network-id",
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: "arn:network-flow-logs",
      iamRoleArn: "arn:network-flow-logs",
      tags: { Name: "web-greetings-prod" },
    });
  });

  it("are written by a role that can write them and make no group", async () => {
    const resources = await plainNetwork();
    const { policy, role } = inputsOf(resources, "RolePolicy", "network-flow-logs");
    assert.equal(role, "web-greetings-prod-flow-logs");
    assert.deepEqual(policy.Statement, [
      {
        Effect: "Allow",
        Action: [
          "logs:CreateLogStream",
          "logs:DescribeLogGroups",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents",
        ],
        Resource: ["arn:network-flow-logs:*"],
      },
    ]);
    const { assumeRolePolicy } = inputsOf(resources, "Role", "network-flow-logs");
    const [trust] = assumeRolePolicy.Statement;
    assert.deepEqual(trust.Principal, { Service: "vpc-flow-logs.amazonaws.com" });
    assert.deepEqual(trust.Action, "sts:AssumeRole");
  });

  it("end before the policy that lets them be written", async () => {
    const needs = neededBy(await plainNetwork(), "FlowLog network-flow-logs");
    for (const key of ["LogGroup", "Role", "RolePolicy"]) {
      assert.ok(needs.has(`${key} network-flow-logs`), key);
    }
  });
});
