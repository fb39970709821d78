import { clusterRole, clusterRoleBinding, type KubernetesObject } from "./objects.ts";

/** User that the process behind the network policies is known by; see the cluster's identities. */
export const policyUser = "sandbox:network-policy";

/** The right to read whom network policies choose, and nothing else. */
export function policyObjects(): readonly KubernetesObject[] {
  const verbs = ["get", "list", "watch"];
  return [
    clusterRole(policyUser, [
      { apiGroups: [""], resources: ["pods", "namespaces"], verbs },
      { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs },
    ]),
    clusterRoleBinding(policyUser, policyUser, { kind: "User", name: policyUser }),
  ];
}
