import { type AwsType, named, plain, tagged } from "./kind.ts";
import { network } from "./network.ts";

const cluster: Readonly<Record<string, AwsType>> = {
  "aws:eks/accessEntry:AccessEntry": tagged(["clusterName", "principalArn", "type"]),
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": plain([
    "accessScope",
    "clusterName",
    "policyArn",
    "principalArn",
  ]),
  "aws:eks/addon:Addon": tagged(["addonName", "clusterName", "namespaceConfig"]),
  "aws:eks/cluster:Cluster": tagged(
    [
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
      "bootstrapSelfManagedAddons",
      "kubernetesNetworkConfig.ipFamily",
      "kubernetesNetworkConfig.serviceIpv4Cidr",
      "name",
      "outpostConfig",
      "roleArn",
    ],
    {
      ...named,
      removals: ["encryptionConfig"],
      filled: [
        "accessConfig.authenticationMode",
        "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr",
        "vpcConfig.clusterSecurityGroupId",
        "vpcConfig.publicAccessCidrs",
        "vpcConfig.vpcId",
      ],
    },
  ),
  "aws:eks/nodeGroup:NodeGroup": tagged(
    [
      "amiType",
      "capacityType",
      "clusterName",
      "diskSize",
      "instanceTypes",
      "launchTemplate.id",
      "launchTemplate.name",
      "nodeGroupName",
      "nodeGroupNamePrefix",
      "nodeRoleArn",
      "remoteAccess",
      "subnetIds",
    ],
    { autoName: "nodeGroupName", filled: ["launchTemplate.id", "launchTemplate.name"] },
  ),
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": tagged(
    ["clusterName", "namespace", "serviceAccount"],
    { changing: ["externalId"] },
  ),
};

const edge: Readonly<Record<string, AwsType>> = {
  "aws:acm/certificate:Certificate": tagged([
    "certificateAuthorityArn",
    "domainName",
    "keyAlgorithm",
    "subjectAlternativeNames",
    "validationMethod",
    "validationOptions",
  ]),
  "aws:acm/certificateValidation:CertificateValidation": plain([
    "certificateArn",
    "validationRecordFqdns",
  ]),
  "aws:autoscaling/attachment:Attachment": plain([
    "autoscalingGroupName",
    "elb",
    "lbTargetGroupArn",
  ]),
  "aws:lb/listener:Listener": tagged(["loadBalancerArn"]),
  "aws:lb/listenerRule:ListenerRule": tagged(["listenerArn"]),
  "aws:lb/loadBalancer:LoadBalancer": tagged(
    ["customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"],
    named,
  ),
  "aws:lb/targetGroup:TargetGroup": tagged(
    [
      "ipAddressType",
      "name",
      "namePrefix",
      "port",
      "protocol",
      "protocolVersion",
      "targetControlPort",
      "targetType",
      "vpcId",
    ],
    named,
  ),
  "aws:route53/record:Record": plain(["name", "zoneId"]),
  "aws:route53/zone:Zone": tagged(["delegationSetId", "name"], named),
};

const rest: Readonly<Record<string, AwsType>> = {
  "aws:cloudwatch/logGroup:LogGroup": tagged(["logGroupClass", "name", "namePrefix"], named),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": plain(["policy", "repository"]),
  "aws:ecr/repository:Repository": tagged(["encryptionConfigurations", "name"], named),
  "aws:iam/role:Role": tagged(["name", "namePrefix", "path"], named),
  "aws:iam/rolePolicy:RolePolicy": plain(["name", "namePrefix", "role"], named),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": plain(["policyArn", "role"]),
  "aws:kms/alias:Alias": plain(["name", "namePrefix"], named),
  "aws:kms/key:Key": tagged([
    "customKeyStoreId",
    "customerMasterKeySpec",
    "keyUsage",
    "multiRegion",
    "xksKeyId",
  ]),
  "aws:s3/bucket:Bucket": tagged(
    ["bucket", "bucketNamespace", "bucketPrefix", "objectLockEnabled"],
    { autoName: "bucket" },
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": plain([
    "bucket",
    "expectedBucketOwner",
  ]),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": plain(["bucket"]),
  "aws:s3/bucketPolicy:BucketPolicy": plain(["bucket"]),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": plain(["bucket"]),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": plain([
    "bucket",
    "expectedBucketOwner",
  ]),
  "aws:s3/bucketVersioning:BucketVersioning": plain(["bucket", "expectedBucketOwner"]),
};

/**
 * The types that can be planned, by token. From the schemas of the Terraform provider that the real
 * plugin wraps: https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
 */
export const AWS_TYPES: Readonly<Record<string, AwsType>> = {
  ...network,
  ...cluster,
  ...edge,
  ...rest,
};

/** Lists whose order means nothing, wherever they stand. */
export const SETS: ReadonlySet<string> = new Set([
  "enabledClusterLogTypes",
  "kubernetesGroups",
  "namespaces",
  "publicAccessCidrs",
  "records",
  "routeTableIds",
  "securityGroupIds",
  "securityGroups",
  "subjectAlternativeNames",
  "subnetIds",
  "subnets",
  "validationRecordFqdns",
  "values",
  "vpcSecurityGroupIds",
]);
