/** A Kubernetes object as the API server takes it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Where the cluster's own workloads run. */
export const systemNamespace = "kube-system";

/** Security context of a container that needs nothing but its program and its ports. */
export const hardenedContainer = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
} as const;

/** Probes of one HTTP endpoint each. They are patient: a build may be using all processors. */
export function httpProbes(
  live: Readonly<Record<string, unknown>>,
  ready: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    startupProbe: { httpGet: live, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 120 },
    livenessProbe: { httpGet: live, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { httpGet: ready, periodSeconds: 2, timeoutSeconds: 5 },
  };
}

/** Security context of a pod that runs as `user` and never as root. */
export function hardenedPod(user: number): Readonly<Record<string, unknown>> {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/**
 * A Deployment of one pod in the system namespace, replaced without a moment in which nobody answers.
 *
 * @param name of the Deployment and of its pods' ServiceAccount
 * @param annotations of the pods: what they read at their start, so that a change rolls them
 * @param pod the rest of the pods' spec
 */
export function systemDeployment(
  name: string,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
  pod: Readonly<Record<string, unknown>>,
): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: systemNamespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels, annotations },
        spec: { serviceAccountName: name, priorityClassName: "system-cluster-critical", ...pod },
      },
    },
  };
}

/** A ServiceAccount of the system namespace. */
export function serviceAccount(name: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: systemNamespace },
  };
}

/** A rule of a ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A ClusterRole with `rules`. */
export function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  labels: Readonly<Record<string, string>> = {},
): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name, labels },
    rules,
  };
}

/** Who is given a role. */
export type Subject =
  | { readonly kind: "User"; readonly name: string }
  | { readonly kind: "ServiceAccount"; readonly name: string };

/** Gives a ClusterRole to a user, or to a ServiceAccount of the system namespace. */
export function clusterRoleBinding(name: string, role: string, subject: Subject): KubernetesObject {
  const group = "rbac.authorization.k8s.io";
  const rest = subject.kind === "User" ? { apiGroup: group } : { namespace: systemNamespace };
  return {
    apiVersion: `${group}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
    subjects: [{ ...subject, ...rest }],
  };
}
