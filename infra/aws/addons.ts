import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { podRole } from "./access.ts";
import type { Cluster } from "./cluster.ts";
import type { Nodes } from "./nodes.ts";

/** One addon of EKS. */
interface AddonArgs {
  /** Name of the cluster; known only once the addon may be made. */
  readonly clusterName: pulumi.Output<string>;
  readonly addonName: string;
  /** Settings by the addon's own schema. */
  readonly values?: object;
  /** Service account in `kube-system` whose pods act on AWS, and AWS' own policy for them. */
  readonly pods?: { readonly serviceAccount: string; readonly policy: string };
}

/** An addon in the version that EKS has for the cluster's. */
function createAddon(cluster: Cluster, args: AddonArgs, parent: pulumi.Resource): aws.eks.Addon {
  const { clusterName, addonName, values, pods } = args;
  const role = pods && {
    serviceAccount: pods.serviceAccount,
    roleArn: podRole(
      addonName,
      { cluster, namespace: "kube-system", serviceAccount: pods.serviceAccount },
      [pods.policy],
      parent,
    ),
  };
  return new aws.eks.Addon(
    addonName,
    {
      clusterName,
      addonName,
      ...(values ? { configurationValues: JSON.stringify(values) } : {}),
      ...(role ? { podIdentityAssociations: [role] } : {}),
      // What was changed by hand goes back to what is written here.
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
    },
    { parent },
  );
}

/**
 * Makes the addons that a node needs to become ready: the pods' network, with network policies
 * enforced, and their credentials. They are daemons, and so active in a cluster without nodes.
 *
 * @returns the addons, for the nodes to depend on
 */
export function createEarlyAddons(
  cluster: Cluster,
  parent: pulumi.Resource,
): readonly aws.eks.Addon[] {
  const clusterName = cluster.name;
  return [
    {
      addonName: "vpc-cni",
      values: { enableNetworkPolicy: "true" },
      pods: { serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy" },
    },
    { addonName: "kube-proxy" },
    { addonName: "eks-pod-identity-agent" },
  ].map((addon) => createAddon(cluster, { clusterName, ...addon }, parent));
}

/**
 * Makes the addons that run on the nodes: names, volumes and measurements. Before a node is there
 * they would never become active.
 *
 * @returns `ready`, known once they are active: what has volumes must be made after it, and is then
 *   deleted while there is still a driver to delete them
 */
export function createLateAddons(
  cluster: Cluster,
  nodes: Pick<Nodes, "ready" | "tags">,
  parent: pulumi.Resource,
): { readonly ready: pulumi.Output<unknown> } {
  const clusterName = pulumi.all([cluster.name, nodes.ready]).apply(([name]) => name);
  const addons = [
    { addonName: "coredns" },
    {
      addonName: "aws-ebs-csi-driver",
      values: { controller: { extraVolumeTags: nodes.tags } },
      pods: { serviceAccount: "ebs-csi-controller-sa", policy: "AmazonEBSCSIDriverPolicyV2" },
    },
    { addonName: "metrics-server" },
  ].map((addon) => createAddon(cluster, { clusterName, ...addon }, parent));
  return { ready: pulumi.all(addons.map(({ urn }) => urn)) };
}
