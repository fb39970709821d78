import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import type { Network } from "./network.ts";
import { createRole } from "./roles.ts";

/** How many nodes a group has. */
export interface Bounds {
  /** As many are made at first. */
  readonly min: number;
  readonly max: number;
}

/** What the nodes of a cluster are made of. */
export interface NodesArgs {
  /** Prefix of names in the account. */
  readonly name: string;
  readonly cluster: Cluster;
  readonly network: Pick<Network, "vpcId" | "privateSubnetIds">;
  /** Names of the zones, in the order of the network's subnets. */
  readonly zones: readonly string[];
  /** Kubernetes version of the nodes: the cluster's, or an older one. */
  readonly version: string;
  /**
   * Release of the machine image, such as `1.35.0-20260115`, of `version`; or `newest`, that of the
   * time when `version` is set, which then stays.
   */
  readonly releaseVersion: string;
  /** Types of x86_64 machines, the first one that can be had; such as `m7i.large`. */
  readonly instanceTypes: readonly string[];
  /** How many nodes in each zone, for what has volumes there. */
  readonly perZone: Bounds;
  /** How many nodes in whichever zones have room for them, for the rest. */
  readonly across: Bounds;
  /** Size of a node's own volume in GiB. */
  readonly volumeGiB: number;
  /**
   * Encrypts the nodes' own volumes; its policy must be that of `volumeKeyPolicy`, or autoscaling
   * cannot start a node.
   */
  readonly volumeKey: aws.kms.Key;
  /** What nodes cannot become ready without: the early addons. */
  readonly after: readonly pulumi.Resource[];
  /** Tags of machines, volumes and interfaces; autoscaling makes these, out of Pulumi's sight. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The machines that pods run on: one group a zone, so that a pod whose volume is in a zone always
 * finds a node there, and one across the zones, for what runs anywhere. Which pod goes where is left
 * to volumes and spread. They are in private subnets and take no ssh; a shell comes by Session
 * Manager.
 */
export class Nodes extends pulumi.ComponentResource {
  /** Names of the autoscaling groups behind the node groups: the one across zones, each zone's. */
  readonly autoscalingGroupNames: pulumi.Output<string>[];
  /** Known once all node groups stand. */
  readonly ready: pulumi.Output<unknown>;
  /** Security group of the nodes alone, without a rule of its own. */
  readonly securityGroupId: pulumi.Output<string>;
  /** What all that is made for the nodes and their pods is tagged with. */
  readonly tags: Readonly<Record<string, string>>;

  /** @throws pulumi.RunError when a zone has no subnet */
  constructor(name: string, args: NodesArgs, opts?: pulumi.ComponentResourceOptions) {
    check(args);
    super("web-greetings:aws:Nodes", name, {}, opts);
    const group = new aws.ec2.SecurityGroup(
      name,
      {
        vpcId: args.network.vpcId,
        description: "Nodes of the cluster; the way to them and from them is in other groups",
        tags: { Name: `${args.name}-nodes` },
      },
      { parent: this },
    );
    const role = createRole(
      name,
      {
        roleName: `${args.name}-nodes`,
        service: "ec2.amazonaws.com",
        // Without the CNI's: it has a role of its own, which pods cannot borrow from the node.
        managed: [
          "AmazonEKSWorkerNodePolicy",
          "AmazonEC2ContainerRegistryPullOnly",
          "AmazonSSMManagedInstanceCore",
        ],
      },
      this,
    );
    const template = this.#template(name, args, group);
    const subnets = args.network.privateSubnetIds;
    const made = { role, template };
    // In an order that a further zone only makes longer.
    const groups = [
      this.#group(`${name}-across`, args, { ...made, subnetIds: subnets, bounds: args.across }),
      ...args.zones.map((zone, index) => {
        const subnetIds = subnets.slice(index, index + 1);
        return this.#group(`${name}-${zone}`, args, { ...made, subnetIds, bounds: args.perZone });
      }),
    ];
    this.autoscalingGroupNames = groups.map((g) => g.resources.apply(autoscalingGroupOf));
    this.ready = pulumi.all(groups.map(({ urn }) => urn));
    this.securityGroupId = group.id;
    this.tags = args.tags;
    this.registerOutputs({ autoscalingGroupNames: this.autoscalingGroupNames });
  }

  #template(name: string, args: NodesArgs, group: aws.ec2.SecurityGroup): aws.ec2.LaunchTemplate {
    const tags = { ...args.tags, Name: `${args.name}-node` };
    return new aws.ec2.LaunchTemplate(
      name,
      {
        // A template that names groups must name the cluster's too: EKS adds it to no such one.
        vpcSecurityGroupIds: [args.cluster.securityGroupId, group.id],
        metadataOptions: {
          httpEndpoint: "enabled",
          httpTokens: "required",
          // A pod is one hop further away than its node, whose role it must not take.
          httpPutResponseHopLimit: 1,
        },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: {
              volumeType: "gp3",
              volumeSize: args.volumeGiB,
              encrypted: "true",
              kmsKeyId: args.volumeKey.arn,
              deleteOnTermination: "true",
            },
          },
        ],
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags,
        })),
      },
      { parent: this },
    );
  }

  #group(name: string, args: NodesArgs, made: Made): aws.eks.NodeGroup {
    const { min, max } = made.bounds;
    return new aws.eks.NodeGroup(
      name,
      {
        clusterName: args.cluster.name,
        nodeRoleArn: made.role,
        subnetIds: made.subnetIds,
        amiType: "AL2023_x86_64_STANDARD",
        version: args.version,
        ...(args.releaseVersion === "newest" ? {} : { releaseVersion: args.releaseVersion }),
        instanceTypes: [...args.instanceTypes],
        launchTemplate: {
          id: made.template.id,
          version: made.template.latestVersion.apply(String),
        },
        scalingConfig: { minSize: min, maxSize: max, desiredSize: min },
        updateConfig: { maxUnavailable: 1 },
      },
      {
        parent: this,
        // Nothing of theirs is an input here, and pods need their network until the node is gone.
        dependsOn: [...args.after],
        ignoreChanges: [
          // An `up` must not undo what people or an autoscaler have set since.
          "scalingConfig.desiredSize",
          // EKS would replace the group across the zones for a further one, which has its own.
          "subnetIds",
        ],
      },
    );
  }
}

interface Made {
  /** ARN of the nodes' role. */
  readonly role: pulumi.Output<string>;
  readonly template: aws.ec2.LaunchTemplate;
  readonly subnetIds: pulumi.Input<string>[];
  readonly bounds: Bounds;
}

function autoscalingGroupOf(resources: aws.types.output.eks.NodeGroupResource[]): string {
  const name = resources[0]?.autoscalingGroups[0]?.name;
  if (name === undefined)
    throw new pulumi.RunError("EKS told of no autoscaling group of the nodes");
  return name;
}

function check({ zones, network }: NodesArgs): void {
  if (zones.length !== network.privateSubnetIds.length) {
    throw new pulumi.RunError(
      `zones of the nodes: got ${zones.length}; ` +
        `allowed: one for each private subnet, of which there are ${network.privateSubnetIds.length}`,
    );
  }
}
