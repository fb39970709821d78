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
  "aws:cloudfront/distribution:Distribution": tagged(["staging"], {
    changing: ["etag", "inProgressValidationBatches", "lastModifiedTime", "status"],
  }),
  "aws:cloudfront/originAccessControl:OriginAccessControl": plain([], {
    ...named,
    changing: ["etag"],
  }),
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
  "aws:wafv2/webAcl:WebAcl": tagged(["name", "namePrefix", "scope"], {
    ...named,
    changing: ["applicationIntegrationUrl", "capacity", "lockToken"],
  }),
  "aws:wafv2/webAclAssociation:WebAclAssociation": plain(["resourceArn", "webAclArn"]),
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": plain([
    "logDestinationConfigs",
    "resourceArn",
  ]),
};

const rest: Readonly<Record<string, AwsType>> = {
  "aws:cloudwatch/logGroup:LogGroup": tagged(["logGroupClass", "name", "namePrefix"], named),
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": plain(["policyName", "resourceArn"], {
    changing: ["revisionId"],
  }),
  "aws:cognito/user:User": plain(["userPoolId", "username"]),
  "aws:cognito/userPool:UserPool": tagged(
    ["aliasAttributes", "name", "usernameAttributes", "usernameConfiguration.caseSensitive"],
    { ...named, changing: ["estimatedNumberOfUsers", "lastModifiedDate"] },
  ),
  "aws:cognito/userPoolClient:UserPoolClient": plain(["generateSecret", "userPoolId"], named),
  "aws:cognito/userPoolDomain:UserPoolDomain": plain(["domain", "userPoolId"]),
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
  "aws:rds/instance:Instance": tagged([
    "availabilityZone",
    "backupTarget",
    "characterSetName",
    "customIamInstanceProfile",
    "dbName",
    "engine",
    "kmsKeyId",
    "ncharCharacterSetName",
    "restoreToPointInTime",
    "snapshotIdentifier",
    "storageEncrypted",
    "timezone",
    "username",
  ]),
  "aws:rds/parameterGroup:ParameterGroup": tagged(
    ["description", "family", "name", "namePrefix"],
    named,
  ),
  "aws:rds/subnetGroup:SubnetGroup": tagged(["name", "namePrefix"], named),
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
  "allowedOauthScopes",
  "callbackUrls",
  "enabledCloudwatchLogsExports",
  "enabledClusterLogTypes",
  "explicitAuthFlows",
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
