import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

const HTTPS = 443;

/** The network that reaches services of AWS without NAT. */
interface Within {
  /** Prefix of names in the account. */
  readonly name: string;
  readonly vpcId: pulumi.Input<string>;
  /** Region of the network and the services, such as `eu-central-1`. */
  readonly region: string;
}

/** Whose way to S3 is the network of AWS itself. */
export interface S3EndpointArgs extends Within {
  readonly routeTableIds: readonly pulumi.Input<string>[];
}

/** Which services have addresses in the network, and where. */
export interface InterfaceEndpointsArgs extends Within {
  /** CIDR of the VPC: who may ask them. */
  readonly cidr: string;
  /** One subnet a zone. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Names of services as AWS has them after the region, such as `ecr.api`; each once. */
  readonly services: readonly string[];
}

/**
 * S3 by route: images and backups neither pay for NAT nor wait for it. It costs nothing.
 *
 * @param name prefix of the resource's name
 */
export function createS3Endpoint(name: string, args: S3EndpointArgs, parent: pulumi.Resource) {
  new aws.ec2.VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: args.vpcId,
      vpcEndpointType: "Gateway",
      serviceName: `com.amazonaws.${args.region}.s3`,
      routeTableIds: [...args.routeTableIds],
      tags: { Name: `${args.name}-s3` },
    },
    { parent },
  );
}

/**
 * Services by addresses in the VPC, under the names that they have everywhere, so that whoever asks
 * them notices nothing. Everybody in the VPC may ask, and nobody else; what the answer is, IAM says.
 *
 * @param name prefix of the resources' names
 * @returns the endpoints: what asks the services should be gone before them
 */
export function createInterfaceEndpoints(
  name: string,
  args: InterfaceEndpointsArgs,
  parent: pulumi.Resource,
): readonly aws.ec2.VpcEndpoint[] {
  if (args.services.length === 0) return [];
  const group = new aws.ec2.SecurityGroup(
    `${name}-endpoints`,
    {
      vpcId: args.vpcId,
      description: "Services of AWS inside the VPC, which asks them by HTTPS",
      tags: { Name: `${args.name}-endpoints` },
    },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-endpoints`,
    {
      securityGroupId: group.id,
      description: "the VPC, by https",
      cidrIpv4: args.cidr,
      ipProtocol: "tcp",
      fromPort: HTTPS,
      toPort: HTTPS,
    },
    { parent },
  );
  return args.services.map(
    (service) =>
      new aws.ec2.VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId: args.vpcId,
          vpcEndpointType: "Interface",
          serviceName: `com.amazonaws.${args.region}.${service}`,
          privateDnsEnabled: true,
          subnetIds: [...args.subnetIds],
          securityGroupIds: [group.id],
          tags: { Name: `${args.name}-${service}` },
        },
        { parent },
      ),
  );
}
