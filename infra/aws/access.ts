import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { createRole, type Statement } from "./roles.ts";

/** Pods of one service account. */
export interface PodIdentity {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Pods of one service account, and what they may do on AWS. */
export interface WorkloadRoleArgs extends PodIdentity {
  readonly statements: readonly Statement[];
}

/**
 * How kubectl and Pulumi reach a cluster: without a secret, by a token of `aws eks get-token` for
 * whoever runs them.
 *
 * @param region the cluster's, such as `eu-central-1`
 * @returns a kubeconfig with one context, JSON
 */
export function kubeconfigOf(cluster: Cluster, region: string): pulumi.Output<string> {
  const { name } = cluster;
  return pulumi.jsonStringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: { server: cluster.endpoint, "certificate-authority-data": cluster.caData },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["--region", region, "eks", "get-token", "--cluster-name", name],
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}

/**
 * Makes a role that pods of one service account can take, and no others.
 *
 * @param name resource name, unique among the parent's
 * @param policies what it may do: names of AWS' own policies, or statements
 * @returns its ARN, known once its policies are attached
 */
export function podRole(
  name: string,
  { cluster, namespace, serviceAccount }: PodIdentity,
  policies: { readonly managed: readonly string[] } | { readonly statements: readonly Statement[] },
  parent: pulumi.Resource,
): pulumi.Output<string> {
  return createRole(
    name,
    {
      roleName: pulumi.interpolate`${cluster.name}-${name}`,
      service: "pods.eks.amazonaws.com",
      // Tags that EKS puts on a pod's session, whatever the pod wants:
      // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
      sessionTags: {
        "eks-cluster-arn": cluster.arn,
        "kubernetes-namespace": namespace,
        "kubernetes-service-account": serviceAccount,
      },
      ...policies,
    },
    parent,
  );
}

/**
 * Gives pods of one service account a role on AWS.
 *
 * @param name resource name, unique among the parent's
 * @returns the bond; a workload must depend on it: a pod that starts before it has no credentials
 * @throws pulumi.RunError when an action is a pattern
 */
export function workloadRole(
  name: string,
  { statements, ...pods }: WorkloadRoleArgs,
  parent: pulumi.Resource,
): aws.eks.PodIdentityAssociation {
  return new aws.eks.PodIdentityAssociation(
    name,
    {
      clusterName: pods.cluster.name,
      namespace: pods.namespace,
      serviceAccount: pods.serviceAccount,
      roleArn: podRole(name, pods, { statements }, parent),
    },
    { parent },
  );
}
