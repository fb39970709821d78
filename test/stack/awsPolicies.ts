import type { Recorded } from "../mocks.ts";
import { awsPolicyStatements } from "./awsStatements.ts";
import type { Policy } from "./policies.ts";
import { inputs } from "./workloads.ts";

const EVERYBODY = ["0.0.0.0/0", "::/0"];
const LOG_DAYS = 90;

/** Resources of AWS of a kind, such as `ec2/subnet:Subnet`. */
function ofType(resources: readonly Recorded[], type: string): Recorded[] {
  return resources.filter((resource) => resource.type === `aws:${type}`);
}

/** One line for each resource of a kind that does not hold. */
function each(type: string, isSound: (of: ReturnType<typeof inputs>) => boolean): Policy {
  return (resources) =>
    ofType(resources, type)
      .filter((resource) => !isSound(inputs(resource)))
      .map(({ name }) => `${type} ${name}`);
}

/** Buckets that have no settings of a kind beside them under their own name. */
function bucketsWithout(type: string, isSound: (of: ReturnType<typeof inputs>) => boolean): Policy {
  return (resources) => {
    const sound = ofType(resources, type).filter((resource) => isSound(inputs(resource)));
    const names = new Set(sound.map(({ name }) => name));
    return ofType(resources, "s3/bucket:Bucket")
      .filter(({ name }) => !names.has(name))
      .map(({ name }) => `s3/bucket:Bucket ${name}`);
  };
}

/** All policies over what is on AWS, by what they demand. */
export const awsPolicies: Readonly<Record<string, Policy>> = {
  "nobody may do whatever matches a pattern": (resources) =>
    awsPolicyStatements(resources)
      .filter(({ statement: { Effect, Action } }) => {
        return Effect === "Allow" && [Action].flat().some((action) => `${action}`.includes("*"));
      })
      .map(({ of }) => of),
  "everybody is let in by the load balancer alone, at 80 and 443": (resources) => {
    const inline = ofType(resources, "ec2/securityGroup:SecurityGroup")
      .filter((group) => inputs(group).ingress !== undefined)
      .map(({ name }) => `${name}: has rules of its own, which nobody looks at`);
    const open = ofType(resources, "vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter((rule) =>
        EVERYBODY.some((all) => [rule.inputs.cidrIpv4, rule.inputs.cidrIpv6].includes(all)),
      )
      .filter(({ name, inputs: { fromPort, toPort } }) => {
        const allowed = { "web-http": 80, "web-https": 443 }[name];
        return allowed === undefined || fromPort !== allowed || toPort !== allowed;
      })
      .map(({ name }) => name);
    return [...inline, ...open];
  },
  "everybody is reached by the load balancer alone, at 443, for the login": (resources) =>
    ofType(resources, "vpc/securityGroupEgressRule:SecurityGroupEgressRule")
      .filter((rule) =>
        EVERYBODY.some((all) => [rule.inputs.cidrIpv4, rule.inputs.cidrIpv6].includes(all)),
      )
      .filter(({ name, inputs: { fromPort, toPort } }) => {
        return name !== "console-login" || fromPort !== 443 || toPort !== 443;
      })
      .map(({ name }) => name),
  "hosts but people's are opened to those alone who have logged in": (resources) =>
    ofType(resources, "lb/listenerRule:ListenerRule")
      .filter(({ name }) => name !== "web")
      .filter((rule) => {
        const [{ type, authenticateCognito }] = inputs(rule).actions;
        const otherwise = authenticateCognito?.onUnauthenticatedRequest;
        return type !== "authenticate-cognito" || otherwise !== "authenticate";
      })
      .map(({ name }) => name),
  "whoever logs in was invited, and needs a long password and a code": each(
    "cognito/userPool:UserPool",
    ({ adminCreateUserConfig, mfaConfiguration, softwareTokenMfaConfiguration, passwordPolicy }) =>
      adminCreateUserConfig.allowAdminCreateUserOnly === true &&
      mfaConfiguration === "ON" &&
      softwareTokenMfaConfiguration.enabled === true &&
      passwordPolicy.minimumLength >= 14,
  ),
  "buckets are encrypted": bucketsWithout(
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ({ rules }) => rules.length === 1 && rules[0].applyServerSideEncryptionByDefault.sseAlgorithm,
  ),
  "buckets keep what is overwritten": bucketsWithout(
    "s3/bucketVersioning:BucketVersioning",
    ({ versioningConfiguration }) => versioningConfiguration.status === "Enabled",
  ),
  "buckets are closed to the public": bucketsWithout(
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    (of) =>
      of.blockPublicAcls && of.blockPublicPolicy && of.ignorePublicAcls && of.restrictPublicBuckets,
  ),
  "buckets are reached by TLS alone": bucketsWithout("s3/bucketPolicy:BucketPolicy", ({ policy }) =>
    JSON.stringify(policy).includes('"aws:SecureTransport":"false"'),
  ),
  "keys turn over": each("kms/key:Key", ({ enableKeyRotation }) => enableKeyRotation === true),
  "logs end some day": each(
    "cloudwatch/logGroup:LogGroup",
    ({ retentionInDays }) => retentionInDays >= LOG_DAYS,
  ),
  "machines give their role away to nobody, and keep nothing in the clear": each(
    "ec2/launchTemplate:LaunchTemplate",
    ({ metadataOptions, blockDeviceMappings, keyName }) =>
      metadataOptions.httpTokens === "required" &&
      metadataOptions.httpPutResponseHopLimit === 1 &&
      blockDeviceMappings.every(
        ({ ebs }: { readonly ebs: { readonly encrypted: string } }) => ebs.encrypted === "true",
      ) &&
      keyName === undefined,
  ),
  "machines have no public address": each(
    "ec2/subnet:Subnet",
    ({ mapPublicIpOnLaunch }) => mapPublicIpOnLaunch === false,
  ),
  "clusters keep secrets encrypted, log, and are reached by listed addresses": each(
    "eks/cluster:Cluster",
    ({ encryptionConfig, enabledClusterLogTypes, vpcConfig, accessConfig }) =>
      encryptionConfig.resources.includes("secrets") &&
      ["api", "audit", "authenticator"].every((log) => enabledClusterLogTypes.includes(log)) &&
      vpcConfig.endpointPrivateAccess === true &&
      (vpcConfig.endpointPublicAccess === false || vpcConfig.publicAccessCidrs.length > 0) &&
      accessConfig.authenticationMode === "API",
  ),
  "images are scanned, and their tags stay": each(
    "ecr/repository:Repository",
    ({ imageTagMutability, imageScanningConfiguration }) =>
      imageTagMutability === "IMMUTABLE" && imageScanningConfiguration.scanOnPush === true,
  ),
  "people come in by TLS 1.2 or later": each(
    "lb/listener:Listener",
    ({ protocol, sslPolicy, defaultActions }) =>
      protocol === "HTTPS"
        ? sslPolicy === "ELBSecurityPolicy-TLS13-1-2-2021-06"
        : defaultActions[0].type === "redirect",
  ),
  "pages are shown by TLS 1.2 or later, and read by their own distribution alone": (resources) => [
    ...each(
      "cloudfront/distribution:Distribution",
      ({ defaultCacheBehavior, viewerCertificate, origins }) =>
        defaultCacheBehavior.viewerProtocolPolicy === "redirect-to-https" &&
        viewerCertificate.minimumProtocolVersion === "TLSv1.2_2021" &&
        origins.every((origin: Readonly<Record<string, unknown>>) => origin.originAccessControlId),
    )(resources),
    ...awsPolicyStatements(resources)
      .filter(({ statement }) => JSON.stringify(statement).includes("cloudfront.amazonaws.com"))
      .filter(({ statement }) => !JSON.stringify(statement).includes('"AWS:SourceArn":"arn:'))
      .map(({ of }) => of),
  ],
  "the firewall shows nobody the paths of requests": (resources) => [
    ...each(
      "wafv2/webAcl:WebAcl",
      (acl) => !JSON.stringify(acl).includes('"sampledRequestsEnabled":true'),
    )(resources),
    ...each("wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", ({ redactedFields }) =>
      ["uriPath", "queryString"].every((field) =>
        redactedFields.some((redacted: object) => field in redacted),
      ),
    )(resources),
  ],
  "what is kept in another region is a certificate of CloudFront's": (resources) =>
    resources
      .filter(({ type, inputs: { region } }) => type.startsWith("aws:") && region !== undefined)
      .filter(
        ({ type, inputs: { region } }) => !type.startsWith("aws:acm/") || region !== "us-east-1",
      )
      .map(({ type, name }) => `${type} ${name}`),
  "databases are encrypted and private, take TLS alone, and nobody by an address": (resources) => {
    const forced = ofType(resources, "rds/parameterGroup:ParameterGroup")
      .filter((group) => JSON.stringify(inputs(group).parameters).includes('"rds.force_ssl"'))
      .filter((group) =>
        inputs(group).parameters.every((of: { value: string }) => of.value === "1"),
      )
      .map(({ name }) => name);
    const byAddress = ofType(resources, "vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter((rule) => inputs(rule).referencedSecurityGroupId === undefined)
      .map((rule) => inputs(rule).securityGroupId);
    return each("rds/instance:Instance", (of) => {
      const open = of.vpcSecurityGroupIds.some((group: string) => byAddress.includes(group));
      const isPrivate = of.publiclyAccessible === false && !open;
      return of.storageEncrypted === true && isPrivate && forced.includes(of.parameterGroupName);
    })(resources);
  },
  "everything is on a provider of its own, which says where": (resources) =>
    resources
      .filter(({ custom, type }) => custom && /^(aws|kubernetes):/.test(type))
      .filter(({ type, provider }) => {
        const wanted = type.startsWith("aws:") ? "aws::aws::" : "kubernetes::cluster::";
        return !provider.includes(`pulumi:providers:${wanted}`);
      })
      .map(({ type, name }) => `${type} ${name}`),
};
