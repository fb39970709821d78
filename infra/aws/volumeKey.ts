/**
 * Policy of a key that encrypts volumes. It is that of AWS' own key for volumes: whoever of the
 * account may use EC2 may use the key through it, and nobody may otherwise. So autoscaling, the
 * nodes and the CSI driver need no grants, and it can be written before their roles exist. The
 * account looks after the key, by its own roles.
 *
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 *
 * @param account id of the account, 12 digits
 * @param region region of the volumes, such as `eu-central-1`
 * @returns JSON
 */
export function volumeKeyPolicy(account: string, region: string): string {
  const use = {
    Sid: "UseThroughVolumes",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: named([
      "CreateGrant",
      "Decrypt",
      "DescribeKey",
      "Encrypt",
      "GenerateDataKey",
      "GenerateDataKeyWithoutPlaintext",
      "ReEncryptFrom",
      "ReEncryptTo",
    ]),
    Resource: "*",
    Condition: {
      StringEquals: {
        "kms:CallerAccount": account,
        "kms:ViaService": `ec2.${region}.amazonaws.com`,
      },
    },
  };
  const look = {
    Sid: "LookAfter",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: named([
      "CancelKeyDeletion",
      "CreateAlias",
      "DeleteAlias",
      "DescribeKey",
      "DisableKey",
      "DisableKeyRotation",
      "EnableKey",
      "EnableKeyRotation",
      "GetKeyPolicy",
      "GetKeyRotationStatus",
      "ListAliases",
      "ListGrants",
      "ListKeyPolicies",
      "ListKeyRotations",
      "ListResourceTags",
      "PutKeyPolicy",
      "RetireGrant",
      "RevokeGrant",
      "ScheduleKeyDeletion",
      "TagResource",
      "UntagResource",
      "UpdateAlias",
      "UpdateKeyDescription",
    ]),
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [use, look] });
}

function named(actions: readonly string[]): string[] {
  return actions.map((action) => `kms:${action}`);
}
