import { clusterRole, clusterRoleBinding, type KubernetesObject } from "./objects.ts";

/** The provisioner that makes folders of the node into volumes; see sandbox/toolchain/kubernetes. */
const storageProvisioner = "web-greetings/sandbox";

/** User that the provisioner is known by; see the identities of the cluster. */
export const storageUser = "sandbox:storage-provisioner";

/** The default StorageClass, under the name that minikube gives to its own, and its rights. */
export function storageObjects(): readonly KubernetesObject[] {
  const user = { kind: "User", name: storageUser } as const;
  const nodes = `${storageUser}:nodes`;
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "standard",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: storageProvisioner,
      reclaimPolicy: "Delete",
      // A volume is a folder of one node: the pod's node has to be known first.
      volumeBindingMode: "WaitForFirstConsumer",
    },
    clusterRoleBinding(storageUser, "system:persistent-volume-provisioner", user),
    clusterRole(nodes, [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
    ]),
    clusterRoleBinding(nodes, nodes, user),
  ];
}
