import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Ports of the load balancer. */
export const HTTP = 80;
export const HTTPS = 443;

const EVERYBODY = "0.0.0.0/0";

/**
 * The load balancer's security group, which people get in by and nothing gets out by until something is
 * admitted. Its rules are resources of their own: where those of two groups name each other, neither
 * group could be deleted first.
 *
 * @param args.name what the load balancer is called in the account
 */
export function createGroup(
  name: string,
  args: { readonly name: string; readonly vpcId: pulumi.Input<string> },
  parent: pulumi.Resource,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    name,
    {
      description: "The load balancer, between people and nodes",
      vpcId: args.vpcId,
      tags: { Name: `${args.name}-load-balancer` },
    },
    { parent },
  );
  for (const [scheme, port] of [
    ["http", HTTP],
    ["https", HTTPS],
  ] as const) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${scheme}`,
      {
        securityGroupId: group.id,
        description: `people, by ${scheme}`,
        cidrIpv4: EVERYBODY,
        ...tcp(port),
      },
      { parent },
    );
  }
  return group;
}

/**
 * Lets the load balancer out to a port of the nodes, and in there.
 *
 * @param of what the requests are for
 */
export function admit(
  of: string,
  args: {
    readonly group: aws.ec2.SecurityGroup;
    /** ID of the nodes' group. */
    readonly nodes: pulumi.Input<string>;
    readonly nodePort: pulumi.Input<number>;
  },
  parent: pulumi.Resource,
): pulumi.CustomResource[] {
  const ports = tcp(args.nodePort);
  const out = new aws.vpc.SecurityGroupEgressRule(
    of,
    {
      securityGroupId: args.group.id,
      description: `requests for ${of}`,
      referencedSecurityGroupId: args.nodes,
      ...ports,
    },
    { parent },
  );
  const into = new aws.vpc.SecurityGroupIngressRule(
    of,
    {
      securityGroupId: args.nodes,
      description: `requests for ${of} from the load balancer`,
      referencedSecurityGroupId: args.group.id,
      ...ports,
    },
    { parent },
  );
  return [out, into];
}

/**
 * Lets the load balancer ask Cognito who somebody is. To the whole world, for AWS gives no list of the
 * addresses that Cognito answers at.
 */
export function letOutToLogin(
  of: string,
  group: aws.ec2.SecurityGroup,
  parent: pulumi.Resource,
): pulumi.CustomResource {
  return new aws.vpc.SecurityGroupEgressRule(
    `${of}-login`,
    {
      securityGroupId: group.id,
      description: "questions to Cognito about people",
      cidrIpv4: EVERYBODY,
      ...tcp(HTTPS),
    },
    { parent },
  );
}

function tcp(port: pulumi.Input<number>) {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}
