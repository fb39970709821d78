import type * as pulumi from "@pulumi/pulumi";

/** Account that the credentials of the tests are of. */
const account = "123456789012";

/** What AWS would answer of a resource beyond what it was asked for. */
export function awsOutputs(args: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
  return { arn: `arn:${args.name}`, ...outputsOf(args) };
}

function outputsOf({ type, name, inputs }: pulumi.runtime.MockResourceArgs): object {
  switch (type) {
    case "aws:ecr/repository:Repository":
      return { repositoryUrl: `${account}.dkr.ecr.eu-central-1.amazonaws.com/${inputs.name}` };
    case "aws:s3/bucket:Bucket":
      return { bucketRegionalDomainName: `${inputs.bucket}.s3.eu-central-1.amazonaws.com` };
    case "aws:cloudfront/distribution:Distribution":
      return { domainName: `${name}.cloudfront.example`, hostedZoneId: "ZCDN" };
    case "aws:rds/instance:Instance":
      return { address: `${inputs.identifier}.rds.example` };
    case "aws:rds/parameterGroup:ParameterGroup":
    case "aws:rds/subnetGroup:SubnetGroup":
      return { name };
    case "aws:route53/zone:Zone":
      return { zoneId: "ZMADE", nameServers: ["ns-1.example", "ns-2.example"] };
    case "aws:route53/record:Record":
      return { fqdn: inputs.name };
    case "aws:acm/certificate:Certificate": {
      const hosts: string[] = [inputs.domainName, ...(inputs.subjectAlternativeNames ?? [])];
      return { domainValidationOptions: hosts.map(proofOf) };
    }
    case "aws:lb/loadBalancer:LoadBalancer":
      return { dnsName: `${name}.elb.example`, zoneId: "ZELB" };
    case "aws:eks/cluster:Cluster":
      return {
        endpoint: "https://api.eks.example",
        certificateAuthority: { data: "Q0E=" },
        vpcConfig: { ...inputs.vpcConfig, clusterSecurityGroupId: "sg-cluster" },
      };
    case "aws:eks/nodeGroup:NodeGroup":
      return { resources: [{ autoscalingGroups: [{ name: `eks-${name}` }] }] };
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { latestVersion: 3 };
    default:
      return {};
  }
}

/** The record that proves a domain to be ours; a domain and its wildcard have the same. */
function proofOf(domainName: string): object {
  return {
    domainName,
    resourceRecordName: `_proof.${domainName.replace("*.", "")}`,
    resourceRecordType: "CNAME",
    resourceRecordValue: "_proof.acm.example",
  };
}

/** The domain whose hosted zone AWS has not got. */
export const lackingZone = "missing.example";

/** What the plugin says of it. */
export const NO_ZONE = "no matching Route 53 Hosted Zone found";

/**
 * How the plugin begins when it finds no credentials.
 * https://github.com/pulumi/pulumi-aws/blob/master/provider/errors/no_credentials.txt
 */
export const NO_CREDENTIALS = "No valid credential sources found.";

/** What the plugin's bridge makes of an error that a function ended with. */
export function bridged(token: string, said: string): string {
  return `invoking ${token}: 1 error occurred:\n\t* ${said}\n\n`;
}

/** What a program is told of such an error by the engine. */
export function failureOf(token: string, said: string): string {
  return `invocation of ${token} returned an error: ${bridged(token, said)}`;
}

/**
 * What AWS would answer to a function of its provider; of all zones it lacks `lackingZone`.
 *
 * @throws Error when the function is none that the program is known to call
 */
export function awsAnswer({ token, inputs }: pulumi.runtime.MockCallArgs): Record<string, unknown> {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: account };
    case "aws:ecr/getAuthorizationToken:getAuthorizationToken":
      return { proxyEndpoint: "https://registry.example", userName: "AWS", password: "pass" };
    case "aws:route53/getZone:getZone":
      if (inputs.name === lackingZone) throw refusal(failureOf(token, NO_ZONE));
      return { ...inputs, zoneId: "ZADOPTED", nameServers: ["ns-3.example"] };
    default:
      throw refusal(`no answer to ${token}`);
  }
}

/** An error as a plugin sends it: what it says comes in the details of a gRPC error. */
function refusal(details: string): Error {
  return Object.assign(new Error(details), { details });
}
