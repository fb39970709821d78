import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createRole } from "./roles.ts";

const keptDays = 90;

/** Which network is watched. */
export interface FlowLogsArgs {
  /** Unique in the account; names the log group and the role that writes it. */
  readonly name: string;
  readonly vpcId: pulumi.Input<string>;
}

/**
 * Logs who talked to whom in a network, accepted or not, for 90 days. The log group is ours, and
 * the role may not make one: else the last flows would bring it back after it has been deleted.
 *
 * @param name resource name, unique in the stack
 */
export function createFlowLogs(name: string, args: FlowLogsArgs, parent: pulumi.Resource): void {
  const group = new aws.cloudwatch.LogGroup(
    name,
    { name: `/aws/vpc/${args.name}/flow-logs`, retentionInDays: keptDays },
    { parent },
  );
  const iamRoleArn = createRole(
    name,
    {
      roleName: `${args.name}-flow-logs`,
      service: "vpc-flow-logs.amazonaws.com",
      statements: [
        {
          actions: [
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
          ],
          resources: [pulumi.interpolate`${group.arn}:*`],
        },
      ],
    },
    parent,
  );
  new aws.ec2.FlowLog(
    name,
    {
      vpcId: args.vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn,
      tags: { Name: args.name },
    },
    { parent },
  );
}
