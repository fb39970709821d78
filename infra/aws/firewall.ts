import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";

const logDays = 90;
/**
 * Requests of one address in 5 minutes, 33 a second: more than a person or an office sends, and
 * less than a tenth of what the way in was measured to stand on two cores (docs/benchmarks.md).
 */
const MOST_REQUESTS = 10_000;
const WINDOW_SECONDS = 300;
/** Where a path goes on with a person's text, of up to 64 KiB and with anything in it. */
const TEXTS = "/api/publish/";
/** By which people show who they are; x-consul-token is that of Consul's interface. */
const SECRET_HEADERS = ["authorization", "cookie", "x-consul-token"];

type Rule = aws.types.input.wafv2.WebAclRule;
type Statement = aws.types.input.wafv2.WebAclRuleStatementManagedRuleGroupStatement;

/** What is guarded, and where that is written down. */
export interface FirewallArgs {
  /** Prefix of names in the account. */
  readonly name: string;
  /** ARN of the load balancer whose requests are looked at first. */
  readonly loadBalancerArn: pulumi.Input<string>;
  /** Region of both, such as `eu-central-1`. */
  readonly region: string;
  /** Account whose logs are written. */
  readonly accountId: pulumi.Input<string>;
}

/**
 * Rules of AWS' own, and a limit for each address, before a load balancer. What is refused, or
 * counted, is logged for 90 days, without path, query and credentials: nobody's text is to be in a
 * log, and nobody's cookie.
 *
 * @param name resource name, unique in the stack
 */
export function createFirewall(name: string, args: FirewallArgs, parent: pulumi.Resource): void {
  const firewall = new aws.wafv2.WebAcl(
    name,
    {
      scope: "REGIONAL",
      description: "before the load balancer",
      defaultAction: { allow: {} },
      rules: rulesOf(name),
      visibilityConfig: measuredAs(name),
      tags: { Name: args.name },
    },
    { parent },
  );
  new aws.wafv2.WebAclAssociation(
    name,
    { resourceArn: args.loadBalancerArn, webAclArn: firewall.arn },
    { parent },
  );
  new aws.wafv2.WebAclLoggingConfiguration(
    name,
    {
      resourceArn: firewall.arn,
      logDestinationConfigs: [createLog(name, args, parent)],
      redactedFields: [
        { uriPath: {} },
        { queryString: {} },
        ...SECRET_HEADERS.map((of) => ({ singleHeader: { name: of } })),
      ],
      loggingFilter: {
        defaultBehavior: "DROP",
        filters: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            conditions: ["BLOCK", "COUNT"].map((action) => ({ actionCondition: { action } })),
          },
        ],
      },
    },
    { parent },
  );
}

/** In the order in which they are asked: the cheap ones first. */
function rulesOf(name: string): Rule[] {
  const rate: Rule = {
    name: "rate",
    priority: 1,
    action: { block: {} },
    statement: {
      rateBasedStatement: {
        aggregateKeyType: "IP",
        limit: MOST_REQUESTS,
        evaluationWindowSec: WINDOW_SECONDS,
      },
    },
    visibilityConfig: measuredAs(`${name}-rate`),
  };
  const group = (of: string, priority: number, statement: Partial<Statement> = {}): Rule => ({
    name: of,
    priority,
    // The group's own rules say what happens.
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: "AWS", name: of, ...statement } },
    visibilityConfig: measuredAs(`${name}-${of}`),
  });
  return [
    group("AWSManagedRulesAmazonIpReputationList", 0),
    rate,
    group("AWSManagedRulesCommonRuleSet", 2, { scopeDownStatement: exceptTexts }),
    group("AWSManagedRulesKnownBadInputsRuleSet", 3, { scopeDownStatement: exceptTexts }),
  ];
}

/**
 * These groups look at the path, and would refuse texts: those over 1 KiB, and those that talk of
 * scripts or of files. A path that only begins like one of a text is looked at as what it leads to.
 */
const exceptTexts: Statement["scopeDownStatement"] = {
  notStatement: {
    statement: {
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: "STARTS_WITH",
        searchString: TEXTS,
        textTransformations: [{ priority: 0, type: "NORMALIZE_PATH" }],
      },
    },
  },
};

/** Without samples, which would show paths, whatever the log leaves out. */
function measuredAs(metricName: string) {
  return { cloudwatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}

/**
 * The log group, under the only prefix that AWS writes to, with a policy of our own: else AWS would
 * write one, which nobody would delete.
 *
 * @returns its ARN, known once AWS may write there
 */
function createLog(
  name: string,
  { name: prefix, region, accountId }: FirewallArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const group = new aws.cloudwatch.LogGroup(
    `${name}-firewall`,
    { name: `aws-waf-logs-${prefix}`, retentionInDays: logDays },
    { parent },
  );
  const policy = new aws.cloudwatch.LogResourcePolicy(
    name,
    {
      policyName: `${prefix}-firewall`,
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "delivery.logs.amazonaws.com" },
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: pulumi.interpolate`${group.arn}:*`,
            Condition: {
              StringEquals: { "aws:SourceAccount": accountId },
              ArnLike: {
                "aws:SourceArn": pulumi.interpolate`arn:aws:logs:${region}:${accountId}:*`,
              },
            },
          },
        ],
      },
    },
    { parent },
  );
  return after(group.arn, [policy]);
}
