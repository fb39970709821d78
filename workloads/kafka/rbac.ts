import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Identity, labelsOf } from "../kit/labels.ts";

/**
 * Lets a ServiceAccount read nodes, one at a time by name: the zone is a label of theirs.
 *
 * @returns the account's name, known once it is allowed to
 */
export function grantNodeAccess(
  name: string,
  common: { readonly identity: Identity; readonly namespace: pulumi.Input<string> },
  serviceAccount: pulumi.Input<string>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const metadata = { labels: { ...labelsOf(common.identity) } };
  const role = new k8s.rbac.v1.ClusterRole(
    `${name}-rack`,
    { metadata, rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }] },
    { parent },
  );
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    `${name}-rack`,
    {
      metadata,
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: role.metadata.name,
      },
      subjects: [
        {
          kind: "ServiceAccount",
          name: serviceAccount,
          namespace: common.namespace,
        },
      ],
    },
    { parent },
  );
  return pulumi.all([serviceAccount, binding.metadata.name]).apply(([account]) => account);
}
