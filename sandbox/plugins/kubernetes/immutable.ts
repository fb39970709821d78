import { at, isJsonMap, type Json, type JsonMap } from "./json.ts";
import { kindOfObject } from "./objects.ts";

/** One step of the way to a field; a number is a place in a list. */
export type Step = string | number;

/** Which provider settings change what may be edited in place. */
export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

const CONTAINER_FIELDS = (
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources " +
  "securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty " +
  "volumeDevices volumeMounts workingDir"
).split(" ");

const POD_FIELDS = (
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases " +
  "hostIPC hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead " +
  "preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName " +
  "schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace " +
  "subdomain terminationGracePeriodSeconds volumes"
).split(" ");

const VOLUME_SOURCES = (
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker " +
  "gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume " +
  "quobyte rbd scaleIO storageos vsphereVolume"
).split(" ");

function spec(...fields: readonly string[]): readonly string[] {
  return fields.map((field) => `spec.${field}`);
}

const JOB = spec("completions", "parallelism", "selector", "template");
const STATEFUL_SET = spec(
  "podManagementPolicy",
  "revisionHistoryLimit",
  "selector",
  "serviceName",
  "volumeClaimTemplates",
);

/** Fields by `apiVersion/kind` whose change makes a replacement; `*` is any place in a list. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": spec("selector"),
  "apps/v1/Deployment": spec("selector"),
  "apps/v1/StatefulSet": STATEFUL_SET,
  "apps/v1beta1/StatefulSet": STATEFUL_SET,
  "apps/v1beta2/DaemonSet": spec("selector"),
  "apps/v1beta2/Deployment": spec("selector"),
  "apps/v1beta2/StatefulSet": STATEFUL_SET,
  "batch/v1/Job": JOB,
  "policy/v1beta1/PodDisruptionBudget": ["spec"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolume": spec(...VOLUME_SOURCES),
  "v1/PersistentVolumeClaim": spec("accessModes", "selector", "storageClassName", "volumeName"),
  "v1/Pod": [
    ...spec(...POD_FIELDS),
    ...["containers", "initContainers"].flatMap((list) =>
      CONTAINER_FIELDS.map((field) => `spec.${list}.*.${field}`),
    ),
  ],
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Secret": ["type"],
  "v1/Service": ["spec.clusterIP"],
};

const IDENTITY = ["metadata.name", "metadata.namespace"];

/** The fields of `object` whose change makes a replacement, by the real plugin's rules. */
export function immutableFields(
  object: JsonMap,
  mutability: Mutability,
  patch: boolean,
): readonly (readonly string[])[] {
  return [...IDENTITY, ...(patch ? [] : ownFields(object, mutability))].map((field) =>
    field.split("."),
  );
}

function ownFields(object: JsonMap, mutability: Mutability): readonly string[] {
  const { kind } = kindOfObject(object);
  const key = `${String(at(object, "apiVersion"))}/${kind}`;
  const frozen = at(object, "immutable") === true;
  if (key === "v1/ConfigMap") return mutability.configMaps && !frozen ? [] : ["binaryData", "data"];
  if (key === "v1/Secret" && (!mutability.secrets || frozen)) return ["type", "stringData", "data"];
  return TABLE[key] ?? [];
}

/**
 * Whether a change at `path` touches one of `fields`: it lies in the field or below it, or above
 * it where the changed `value` has the field.
 */
export function touches(
  path: readonly Step[],
  value: Json | undefined,
  fields: readonly (readonly string[])[],
): boolean {
  return fields.some((field) => {
    const shared = Math.min(path.length, field.length);
    for (let index = 0; index < shared; index++) {
      if (!matches(field[index], path[index])) return false;
    }
    return path.length >= field.length || holds(value, field.slice(shared));
  });
}

function matches(pattern: string | undefined, step: Step | undefined): boolean {
  return pattern === "*" ? typeof step === "number" : pattern === step;
}

function holds(value: Json | undefined, field: readonly string[]): boolean {
  const [first, ...rest] = field;
  if (first === undefined) return value !== undefined;
  if (first === "*") return Array.isArray(value) && value.some((one) => holds(one, rest));
  return isJsonMap(value) && Object.hasOwn(value, first) && holds(value[first], rest);
}
