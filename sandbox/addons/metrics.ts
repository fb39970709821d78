import { createHash } from "node:crypto";
import {
  clusterRole,
  clusterRoleBinding,
  hardenedContainer,
  hardenedPod,
  httpProbes,
  type KubernetesObject,
  serviceAccount,
  systemDeployment,
  systemNamespace,
} from "./objects.ts";

/** Name of the Deployment, the Service and the identity that serves it. */
export const metricsName = "metrics-server";

const name = metricsName;
const labels = { "k8s-app": name } as const;
const port = 10250;
const certificateSecret = `${name}-tls`;

/** Files that the metrics API is served with; base64 of PEM. */
export interface ServingCertificate {
  /** Authority that the API server checks the certificate by. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** The metrics API; `image` is pinned by digest. */
export function metricsObjects(
  image: string,
  serving: ServingCertificate,
): readonly KubernetesObject[] {
  const certificateHash = createHash("sha256").update(serving.certificate).digest("hex");
  return [
    serviceAccount(name),
    ...access(),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: certificateSecret, namespace: systemNamespace, labels },
      type: "kubernetes.io/tls",
      data: { "tls.crt": serving.certificate, "tls.key": serving.key },
    },
    deployment(image, certificateHash),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: systemNamespace, labels },
      spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io", labels },
      spec: {
        group: "metrics.k8s.io",
        groupPriorityMinimum: 100,
        version: "v1beta1",
        versionPriority: 100,
        service: { name, namespace: systemNamespace, port: 443 },
        caBundle: serving.authority,
      },
    },
  ];
}

function access(): readonly KubernetesObject[] {
  const subject = { kind: "ServiceAccount", name } as const;
  const aggregated = ["admin", "edit", "view"].map((role) => [
    `rbac.authorization.k8s.io/aggregate-to-${role}`,
    "true",
  ]);
  return [
    clusterRole(
      "system:aggregated-metrics-reader",
      [
        {
          apiGroups: ["metrics.k8s.io"],
          resources: ["pods", "nodes"],
          verbs: ["get", "list", "watch"],
        },
      ],
      Object.fromEntries(aggregated),
    ),
    clusterRole(`system:${name}`, [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ]),
    clusterRoleBinding(`system:${name}`, `system:${name}`, subject),
    clusterRoleBinding(`${name}:system:auth-delegator`, "system:auth-delegator", subject),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: `${name}-auth-reader`, namespace: systemNamespace },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "extension-apiserver-authentication-reader",
      },
      subjects: [{ ...subject, namespace: systemNamespace }],
    },
  ];
}

function deployment(image: string, certificateHash: string): KubernetesObject {
  return systemDeployment(
    name,
    labels,
    { "web-greetings/certificate": certificateHash },
    {
      securityContext: { ...hardenedPod(65534), fsGroup: 65534 },
      containers: [container(image)],
      volumes: [
        { name: "certificate", secret: { secretName: certificateSecret, defaultMode: 0o440 } },
      ],
    },
  );
}

function container(image: string): Readonly<Record<string, unknown>> {
  return {
    name,
    image,
    args: [
      `--secure-port=${port}`,
      "--tls-cert-file=/etc/metrics-server/tls.crt",
      "--tls-private-key-file=/etc/metrics-server/tls.key",
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-use-node-status-port",
      // Kubelets serve with certificates of the cluster's authority, which every pod knows.
      "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
      // The shortest that it takes: autoscaling and `kubectl top` follow soon.
      "--metric-resolution=10s",
    ],
    ports: [{ name: "https", containerPort: port, protocol: "TCP" }],
    ...httpProbes(
      { path: "/livez", port: "https", scheme: "HTTPS" },
      { path: "/readyz", port: "https", scheme: "HTTPS" },
    ),
    resources: {
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "1", memory: "192Mi" },
    },
    securityContext: hardenedContainer,
    volumeMounts: [{ name: "certificate", mountPath: "/etc/metrics-server", readOnly: true }],
  };
}
