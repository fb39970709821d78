import type * as k8s from "@pulumi/kubernetes";
import { paths } from "./config.ts";

/** Seconds that a token is good for; the kubelet renews it in time. */
const TOKEN_SECONDS = 3600;

/** The token of the pod's ServiceAccount as Kubernetes would mount it, but for chosen containers. */
export const tokenVolume: k8s.types.input.core.v1.Volume = {
  name: "kubernetes",
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }],
        },
      },
    ],
  },
};

/** Where programs look for it. */
export const tokenMount: k8s.types.input.core.v1.VolumeMount = {
  name: tokenVolume.name,
  mountPath: paths.kubernetes,
  readOnly: true,
};
