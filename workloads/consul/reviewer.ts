import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Identity, labelsOf, metadataOf } from "../kit/labels.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";

/**
 * The ServiceAccount as which Consul asks Kubernetes whose token it was handed: it may have tokens
 * reviewed and read ServiceAccounts, nothing else. Its own token has no end, since Consul keeps it.
 *
 * @returns name of the Secret with `token` and `ca.crt`, known once the account may ask
 */
export function createReviewer(
  name: string,
  args: { readonly identity: Identity; readonly namespace: pulumi.Input<string> },
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const account = createServiceAccount(name, args, parent);
  const metadata = { labels: { ...labelsOf(args.identity) } };
  const role = new k8s.rbac.v1.ClusterRole(
    name,
    {
      metadata,
      rules: [
        {
          apiGroups: ["authentication.k8s.io"],
          resources: ["tokenreviews"],
          verbs: ["create"],
        },
        { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get"] },
      ],
    },
    { parent },
  );
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    name,
    {
      metadata,
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: role.metadata.name,
      },
      subjects: [{ kind: "ServiceAccount", name: account, namespace: args.namespace }],
    },
    { parent },
  );
  const secret = new k8s.core.v1.Secret(
    name,
    {
      metadata: {
        ...metadataOf(args.identity, args.namespace),
        annotations: { "kubernetes.io/service-account.name": account },
      },
      type: "kubernetes.io/service-account-token",
    },
    { parent },
  );
  return pulumi.all([secret.metadata.name, binding.metadata.name]).apply(([name]) => name);
}
