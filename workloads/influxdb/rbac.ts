import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Identity, labelsOf } from "../kit/labels.ts";

/**
 * Lets a ServiceAccount ask kubelets what their pods use, and which pods those are. These two
 * rights alone, as kubelets tell them apart since Kubernetes 1.33: `nodes/proxy`, which older ones
 * want for the second, would let it run commands in every pod.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
 *
 * @returns the account's name, known once it is allowed to
 */
export function grantKubeletAccess(
  name: string,
  common: { readonly identity: Identity; readonly namespace: pulumi.Input<string> },
  serviceAccount: pulumi.Input<string>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const metadata = { labels: { ...labelsOf(common.identity) } };
  const resources = ["nodes/stats", "nodes/pods"];
  const role = new k8s.rbac.v1.ClusterRole(
    `${name}-kubelet`,
    { metadata, rules: [{ apiGroups: [""], resources, verbs: ["get"] }] },
    { parent },
  );
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    `${name}-kubelet`,
    {
      metadata,
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: role.metadata.name,
      },
      subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace: common.namespace }],
    },
    { parent },
  );
  return pulumi.all([serviceAccount, binding.metadata.name]).apply(([account]) => account);
}
