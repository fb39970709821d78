import type { Recorded } from "../mocks.ts";

/** A JSON object as the program handed it over. */
export type Json = Readonly<Record<string, unknown>>;

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** What is looked at of a container. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: { readonly requests?: Json; readonly limits?: Json };
  readonly securityContext?: Json & { readonly capabilities?: { readonly drop?: string[] } };
  readonly terminationMessagePolicy?: string;
  readonly ports?: readonly {
    readonly containerPort: number;
    readonly protocol?: "TCP" | "UDP";
    readonly name?: string;
  }[];
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
  readonly startupProbe?: object;
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[];
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly restartPolicy?: string;
  readonly activeDeadlineSeconds?: number;
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly securityContext?: Json & { readonly seccompProfile?: { readonly type?: string } };
  readonly topologySpreadConstraints?: readonly object[];
  readonly volumes?: readonly { readonly name: string; readonly hostPath?: object }[];
}

/** What makes pods, or a pod that nothing made. */
export interface Workload {
  readonly kind: string;
  readonly resource: Recorded;
  readonly labels: Labels;
  readonly namespace: string;
  readonly spec: PodSpec;
  readonly replicas: number | undefined;
}

/** `StatefulSet` of `kubernetes:apps/v1:StatefulSet`. */
export const kindOf = (resource: Recorded) => resource.type.split(":").at(-1) ?? "";
/** Whether it is an object of Kubernetes. */
export const isKubernetes = ({ type }: Recorded) => type.startsWith("kubernetes:");
/** The objects of Kubernetes of a kind. */
export const ofKind = (resources: readonly Recorded[], kind: string) =>
  resources.filter((resource) => isKubernetes(resource) && kindOf(resource) === kind);

/** Inputs as a test reads them. */
// biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource, of any shape
export const inputs = (resource: Recorded): any => resource.inputs;

/** All that makes pods, and all pods that nothing makes. */
export function workloads(resources: readonly Recorded[]): Workload[] {
  const bare = ofKind(resources, "Pod").map((resource): Workload => {
    const { metadata, spec } = inputs(resource);
    const { labels, namespace } = metadata;
    return { kind: "Pod", resource, labels, namespace, spec, replicas: 1 };
  });
  const templates = ["StatefulSet", "Deployment", "DaemonSet", "Job"].flatMap((kind) =>
    ofKind(resources, kind).map((resource) => {
      const { metadata, spec } = inputs(resource);
      return {
        kind,
        resource,
        labels: spec.template.metadata.labels,
        namespace: metadata.namespace,
        spec: spec.template.spec,
        replicas: spec.replicas,
      };
    }),
  );
  return [...bare, ...templates];
}

/** Whether the pods are to go on for ever; those of a Job, and those without a controller, end. */
export const isLasting = ({ kind }: Workload) => kind !== "Job" && kind !== "Pod";

/** ServiceAccounts that may log in to Consul, `<namespace>/<name>`. */
export function loginsOf(resources: readonly Recorded[]): string[] {
  const selector = /^serviceaccount\.namespace == "(.+)" and serviceaccount\.name == "(.+)"$/;
  return ofKind(resources, "ConfigMap")
    .flatMap((map) => inputs(map).data?.["acl.json"] ?? [])
    .flatMap((text) => JSON.parse(text).logins as { readonly selector: string }[])
    .map((login) => login.selector.replace(selector, "$1/$2"));
}
