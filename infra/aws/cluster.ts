import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";
import type { Network } from "./network.ts";
import { createRole } from "./roles.ts";
import { supportEndOf } from "./versions.ts";

const logDays = 90;
const roleArn = /^arn:aws:iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]{1,64})$/;

/** What a cluster is made of. */
export interface ClusterArgs {
  /** Name in the account and region; roles and logs are named after it. */
  readonly name: string;
  /** Kubernetes version, such as `1.35`; `versions.ts` has the allowed ones. */
  readonly version: string;
  /** The control plane has its interfaces in the private subnets. */
  readonly network: Pick<Network, "privateSubnetIds">;
  /** Encrypts the secrets of Kubernetes in etcd. */
  readonly key: aws.kms.Key;
  /** CIDRs that may reach the API server from outside the VPC; none: nobody may. */
  readonly publicCidrs: readonly string[];
  /** True: neither AWS nor Pulumi deletes it before this has been set to false. */
  readonly retain: boolean;
  /** ARNs of the IAM roles that administer the cluster, one of them Pulumi's; at least one. */
  readonly adminRoleArns: readonly string[];
}

/** The control plane: an EKS cluster and who may administer it. It has no nodes of its own. */
export class Cluster extends pulumi.ComponentResource {
  /** Name of the cluster, once it stands. */
  readonly name: pulumi.Output<string>;
  /** URL of the API server, known once the administrators are let in. */
  readonly endpoint: pulumi.Output<string>;
  /** Certificate of the API server's authority, PEM in base64. */
  readonly caData: pulumi.Output<string>;
  /** Security group that EKS made for the control plane; its members reach each other. */
  readonly securityGroupId: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  /** @throws pulumi.RunError when the version, a CIDR or an administrator is not allowed */
  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    check(args);
    super("web-greetings:aws:Cluster", name, {}, opts);
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/eks/${args.name}/cluster`, retentionInDays: logDays },
      { parent: this },
    );
    const cluster = this.#controlPlane(name, args, logs);
    this.name = cluster.name;
    this.caData = cluster.certificateAuthority.data;
    this.securityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
    this.arn = cluster.arn;
    const admins = args.adminRoleArns.map((arn) => this.#admit(name, arn));
    // Whoever talks to Kubernetes starts with the endpoint: Pulumi must be let in before its first
    // object and to the end of its last.
    this.endpoint = after(cluster.endpoint, admins);
    this.registerOutputs({ name: this.name, endpoint: this.endpoint, arn: this.arn });
  }

  /** It comes after its log group and goes before it, by way of the role that speaks of both. */
  #controlPlane(name: string, args: ClusterArgs, logs: aws.cloudwatch.LogGroup): aws.eks.Cluster {
    const role = createRole(
      name,
      {
        roleName: `${args.name}-cluster`,
        service: "eks.amazonaws.com",
        managed: ["AmazonEKSClusterPolicy"],
        statements: [
          {
            actions: ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"],
            resources: [args.key.arn],
          },
          // EKS must neither make the log group itself, for nobody would delete that, nor bring it
          // back with the last lines of a cluster that is gone:
          // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/920
          {
            effect: "Deny",
            actions: ["logs:CreateLogGroup"],
            resources: [logs.arn, pulumi.interpolate`${logs.arn}:*`],
          },
        ],
      },
      this,
    );
    return new aws.eks.Cluster(
      name,
      {
        name: args.name,
        version: args.version,
        roleArn: role,
        vpcConfig: {
          subnetIds: args.network.privateSubnetIds,
          endpointPrivateAccess: true,
          endpointPublicAccess: args.publicCidrs.length > 0,
          ...(args.publicCidrs.length > 0 ? { publicAccessCidrs: [...args.publicCidrs] } : {}),
        },
        encryptionConfig: { provider: { keyArn: args.key.arn }, resources: ["secrets"] },
        accessConfig: {
          authenticationMode: "API",
          bootstrapClusterCreatorAdminPermissions: false,
        },
        enabledClusterLogTypes: ["api", "audit", "authenticator"],
        upgradePolicy: { supportType: "STANDARD" },
        bootstrapSelfManagedAddons: false,
        deletionProtection: args.retain,
      },
      {
        parent: this,
        // AWS refuses only when all nodes are gone already; this stops a destroy in its preview.
        protect: args.retain,
        // EKS takes no subnets in other zones than a cluster was made with; nodes in a zone that is
        // appended reach it all the same. https://github.com/aws/containers-roadmap/issues/2258
        ignoreChanges: ["vpcConfig.subnetIds"],
      },
    );
  }

  /** Lets a role administer everything in the cluster. */
  #admit(prefix: string, principalArn: string): aws.eks.AccessPolicyAssociation {
    const name = `${prefix}-admin-${roleArn.exec(principalArn)?.[1]}`;
    const entry = new aws.eks.AccessEntry(
      name,
      { clusterName: this.name, principalArn, type: "STANDARD" },
      { parent: this },
    );
    return new aws.eks.AccessPolicyAssociation(
      name,
      {
        clusterName: entry.clusterName,
        principalArn: entry.principalArn,
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      },
      { parent: this },
    );
  }
}

function check({ version, publicCidrs, adminRoleArns }: ClusterArgs): void {
  supportEndOf(version);
  const open = publicCidrs.find((cidr) => cidr.endsWith("/0"));
  if (open !== undefined) {
    throw new pulumi.RunError(
      `who reaches the API server: got ${JSON.stringify(open)}; ` +
        "allowed: CIDRs smaller than the whole world, or none",
    );
  }
  const bad = adminRoleArns.find((arn) => !roleArn.test(arn));
  if (bad !== undefined || adminRoleArns.length === 0) {
    throw new pulumi.RunError(
      `who administers the cluster: got ${bad === undefined ? "nobody" : JSON.stringify(bad)}; ` +
        "allowed: at least one ARN such as arn:aws:iam::123456789012:role/deploy",
    );
  }
}
