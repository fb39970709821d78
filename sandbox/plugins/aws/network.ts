import { type AwsType, named, plain, tagged } from "./kind.ts";

// A rule can change its source, but not the kind of it; of the kinds a rule has exactly one.
const rule = tagged(["securityGroupId"], {
  removals: ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"],
});

/** Types of the network, by token. */
export const network: Readonly<Record<string, AwsType>> = {
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": tagged(["vpcId"]),
  "aws:ec2/eip:Eip": tagged([
    "address",
    "customerOwnedIpv4Pool",
    "domain",
    "ipamPoolId",
    "networkBorderGroup",
    "publicIpv4Pool",
  ]),
  "aws:ec2/flowLog:FlowLog": tagged([
    "deliverCrossAccountRole",
    "destinationOptions",
    "eniId",
    "iamRoleArn",
    "logDestination",
    "logDestinationType",
    "logFormat",
    "maxAggregationInterval",
    "regionalNatGatewayId",
    "subnetId",
    "trafficType",
    "transitGatewayAttachmentId",
    "transitGatewayId",
    "vpcId",
  ]),
  "aws:ec2/internetGateway:InternetGateway": tagged([]),
  "aws:ec2/launchTemplate:LaunchTemplate": tagged(["name", "namePrefix"], {
    ...named,
    changing: ["defaultVersion", "latestVersion"],
  }),
  "aws:ec2/natGateway:NatGateway": tagged([
    "allocationId",
    "availabilityMode",
    "connectivityType",
    "privateIp",
    "secondaryPrivateIpAddressCount",
    "subnetId",
    "vpcId",
  ]),
  "aws:ec2/route:Route": plain([
    "destinationCidrBlock",
    "destinationIpv6CidrBlock",
    "destinationPrefixListId",
    "routeTableId",
  ]),
  "aws:ec2/routeTable:RouteTable": tagged(["vpcId"]),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": plain(["gatewayId", "subnetId"]),
  "aws:ec2/securityGroup:SecurityGroup": tagged(
    ["description", "name", "namePrefix", "vpcId"],
    named,
  ),
  "aws:ec2/subnet:Subnet": tagged([
    "availabilityZone",
    "availabilityZoneId",
    "cidrBlock",
    "ipv4IpamPoolId",
    "ipv4NetmaskLength",
    "ipv6IpamPoolId",
    "ipv6Native",
    "ipv6NetmaskLength",
    "outpostArn",
    "vpcId",
  ]),
  "aws:ec2/vpc:Vpc": tagged(["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"]),
  "aws:ec2/vpcEndpoint:VpcEndpoint": tagged(
    [
      "resourceConfigurationArn",
      "serviceName",
      "serviceNetworkArn",
      "serviceRegion",
      "vpcEndpointType",
      "vpcId",
    ],
    { changing: ["networkInterfaceIds"] },
  ),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule,
};
