import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createFirewall } from "../../../infra/aws/firewall.ts";
import { neededBy } from "../../graph.ts";
import type { Recorded } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, recordAws } from "./recordAws.ts";

const root = resolve(__dirname, "../../..");
const unsampled = (metricName: string) => ({
  cloudwatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: false,
});
/** A group of AWS' own, as it stands among the rules. */
const group = (name: string, priority: number, more = {}) => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { vendorName: "AWS", name, ...more } },
  visibilityConfig: unsampled(`web-${name}`),
});

let resources: readonly Recorded[] = [];
before(async () => {
  resources = await recordAws((opts) => {
    const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
    const balancer = new aws.lb.LoadBalancer("web", {}, { parent });
    const args = { name: "yourcom-prod", loadBalancerArn: balancer.arn, region: "eu-central-1" };
    createFirewall("web", { ...args, accountId: "123456789012" }, parent);
  });
});

describe("firewall", () => {
  it("is rules, what they guard, and a log with leave to write it", () => {
    assert.deepEqual(namesOf(resources), [
      "LogGroup web-firewall",
      "LogResourcePolicy web",
      "LoadBalancer web",
      "WebAcl web",
      "WebAclAssociation web",
      "WebAclLoggingConfiguration web",
      "Parent parent",
    ]);
    assert.deepEqual(inputsOf(resources, "WebAclAssociation", "web"), {
      resourceArn: "arn:web",
      webAclArn: "arn:web",
    });
  });

  it("refuses bad addresses, too many requests, and what AWS knows to be bad", () => {
    const { rules, ...rest } = inputsOf(resources, "WebAcl", "web");
    assert.deepEqual(rest, {
      scope: "REGIONAL",
      description: "before the load balancer",
      defaultAction: { allow: {} },
      visibilityConfig: unsampled("web"),
      tags: { Name: "yourcom-prod" },
    });
    const textTransformations = [{ priority: 0, type: "NORMALIZE_PATH" }];
    const byteMatchStatement = {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: "STARTS_WITH",
      searchString: "/api/publish/",
      textTransformations,
    };
    const scopeDownStatement = { notStatement: { statement: { byteMatchStatement } } };
    assert.deepEqual(rules, [
      group("AWSManagedRulesAmazonIpReputationList", 0),
      {
        name: "rate",
        priority: 1,
        action: { block: {} },
        statement: {
          rateBasedStatement: {
            aggregateKeyType: "IP",
            limit: 10_000,
            evaluationWindowSec: 300,
          },
        },
        visibilityConfig: unsampled("web-rate"),
      },
      group("AWSManagedRulesCommonRuleSet", 2, { scopeDownStatement }),
      group("AWSManagedRulesKnownBadInputsRuleSet", 3, { scopeDownStatement }),
    ]);
  });

  it("leaves texts alone where the API takes them", () => {
    const server = readFileSync(join(root, "apps/api/src/server.ts"), "utf8");
    assert.match(server, /const PREFIX = "\/api\/publish\/";/);
  });

  it("writes down what it refused or counted, and nobody's text or cookie", () => {
    assert.deepEqual(inputsOf(resources, "WebAclLoggingConfiguration", "web"), {
      resourceArn: "arn:web",
      logDestinationConfigs: ["arn:web-firewall"],
      redactedFields: [
        { uriPath: {} },
        { queryString: {} },
        { singleHeader: { name: "authorization" } },
        { singleHeader: { name: "cookie" } },
        { singleHeader: { name: "x-consul-token" } },
      ],
      loggingFilter: {
        defaultBehavior: "DROP",
        filters: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            conditions: [
              { actionCondition: { action: "BLOCK" } },
              { actionCondition: { action: "COUNT" } },
            ],
          },
        ],
      },
    });
    assert.deepEqual(inputsOf(resources, "LogGroup", "web-firewall"), {
      name: "aws-waf-logs-yourcom-prod",
      retentionInDays: 90,
    });
  });

  it("lets AWS write into its one log group, for this account alone", () => {
    assert.deepEqual(inputsOf(resources, "LogResourcePolicy", "web"), {
      policyName: "yourcom-prod-firewall",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "delivery.logs.amazonaws.com" },
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: "arn:web-firewall:*",
            Condition: {
              StringEquals: { "aws:SourceAccount": "123456789012" },
              ArnLike: { "aws:SourceArn": "arn:aws:logs:eu-central-1:123456789012:*" },
            },
          },
        ],
      },
    });
  });

  it("ends with its log, which ends before the leave to write it", () => {
    const needs = neededBy(resources, "WebAclLoggingConfiguration web");
    for (const need of ["WebAcl web", "LogGroup web-firewall", "LogResourcePolicy web"]) {
      assert.ok(needs.has(need), need);
    }
  });
});
