import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { createRole } from "./roles.ts";

/** Pods of one service account. */
export interface PodIdentity {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly serviceAccount: string;
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
 * @param managed what it may do: names of AWS' own policies
 * @returns its ARN, known once its policies are attached
 */
export function podRole(
  name: string,
  { cluster, namespace, serviceAccount }: PodIdentity,
  managed: readonly string[],
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
      managed,
    },
    parent,
  );
}
