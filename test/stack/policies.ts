import type { Recorded } from "../mocks.ts";
import {
  type Container,
  inputs,
  isKubernetes,
  isLasting,
  type Json,
  kindOf,
  type Labels,
  loginsOf,
  ofKind,
  type Workload,
  workloads,
} from "./workloads.ts";

interface Selection {
  /** Kind and name of what chooses. */
  readonly of: string;
  readonly namespace: string;
  readonly labels: Labels;
}

/** A rule over all resources of a run; gives one line for each breach. */
export type Policy = (resources: readonly Recorded[]) => string[];

function breaches(
  resources: readonly Recorded[],
  rule: (workload: Workload, container: Container, lasts: boolean) => string | undefined,
): string[] {
  return workloads(resources).flatMap((workload) => {
    const lasting = isLasting(workload) ? workload.spec.containers : [];
    const init = workload.spec.initContainers ?? [];
    return [...workload.spec.containers, ...init].flatMap((container) => {
      const breach = rule(workload, container, lasting.includes(container));
      return breach
        ? [`${workload.kind} ${workload.resource.name}/${container.name}: ${breach}`]
        : [];
    });
  });
}

/** Whether rules let pods ask the cluster's DNS server, and nobody else. */
function isForNamesAlone(egress: Json[]): boolean {
  const shape = egress.map(({ to, ports }) => JSON.stringify([to, ports]));
  return shape.every(
    (rule) => rule.includes('"k8s-app":"kube-dns"') && !/"port":(?!53\b)/.test(rule),
  );
}

function matches(selector: Json, labels: Json): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** What chooses pods, but for what is meant for all of a namespace. */
function selections(resources: readonly Recorded[]): Selection[] {
  return resources.filter(isKubernetes).flatMap((resource) => {
    const { metadata, spec } = inputs(resource);
    const labels: Labels | undefined =
      kindOf(resource) === "Service"
        ? spec.selector
        : (spec?.selector?.matchLabels ?? spec?.podSelector?.matchLabels);
    const of = `${kindOf(resource)} ${resource.name}`;
    return labels ? [{ of, namespace: metadata.namespace, labels }] : [];
  });
}

/** What DNS, another object's reference or a person needs to find by its name. */
const named = ["DaemonSet", "Deployment", "Namespace", "Service", "StatefulSet", "StorageClass"];

/** What the engine wraps a secret with. */
const secretSignature = "4dabf18193072939515e22adb298388d";

/** Namespaces of nothing but pods that read what their node tells. */
const seesNodes: readonly string[] = ["node-metrics", "telegraf"];

/** All policies by what they demand. */
export const policies: Readonly<Record<string, Policy>> = {
  "every container has requests and limits of CPU and memory": (resources) =>
    breaches(resources, (_, { resources: of }) =>
      [of?.requests?.cpu, of?.requests?.memory, of?.limits?.cpu, of?.limits?.memory].every(Boolean)
        ? undefined
        : `resources are ${JSON.stringify(of)}`,
    ),
  "every lasting container has time to start and is probed for life": (resources) =>
    breaches(resources, (_, { startupProbe, livenessProbe }, lasts) =>
      lasts && !(startupProbe && livenessProbe) ? "no startup or liveness probe" : undefined,
    ),
  "every pod that lasts or that listens is probed for readiness": (resources) =>
    workloads(resources)
      .filter((w) => isLasting(w) || w.spec.containers.some(({ ports }) => ports?.length))
      .filter(({ spec }) => !spec.containers.some(({ readinessProbe }) => readinessProbe))
      .map(({ resource }) => resource.name),
  "every pod that no controller brings back ends, and is not started again": (resources) =>
    workloads(resources)
      .filter(({ kind }) => kind === "Pod")
      .filter(({ spec }) => spec.restartPolicy !== "Never" || !spec.activeDeadlineSeconds)
      .map(({ resource }) => resource.name),
  "every container is without rights and on a read-only root": (resources) =>
    breaches(resources, (_, { securityContext }) => {
      const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } =
        securityContext ?? {};
      const dropped = capabilities?.drop?.includes("ALL");
      return readOnlyRootFilesystem === true && allowPrivilegeEscalation === false && dropped
        ? undefined
        : `securityContext is ${JSON.stringify(securityContext)}`;
    }),
  "every container that fails gives the end of its log as the reason": (resources) =>
    breaches(resources, (_, { terminationMessagePolicy: policy }) =>
      policy === "FallbackToLogsOnError" ? undefined : `terminationMessagePolicy is ${policy}`,
    ),
  "every pod runs as a user without rights under the runtime's seccomp profile": (resources) =>
    workloads(resources)
      .filter(({ spec: { securityContext } }) => {
        const { runAsNonRoot, seccompProfile } = securityContext ?? {};
        return runAsNonRoot !== true || seccompProfile?.type !== "RuntimeDefault";
      })
      .map(({ resource }) => resource.name),
  "every pod has a service account of its own whose token is not mounted": (resources) =>
    workloads(resources)
      .filter((w) => w.spec.automountServiceAccountToken !== false || !w.spec.serviceAccountName)
      .map(({ resource }) => resource.name),
  "every image is pinned, ours by digest": (resources) =>
    breaches(resources, (_, { image }) => {
      if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined;
      const isOurs = image.includes("/web-greetings/");
      return !isOurs && /:v?\d+\.\d+\.\d+[a-z0-9.-]*$/.test(image) ? undefined : image;
    }),
  "everything of more than one replica has a disruption budget and is spread": (resources) => {
    const budgets = ofKind(resources, "PodDisruptionBudget").map((b) => inputs(b));
    return workloads(resources)
      .filter((w) => isLasting(w) && w.kind !== "DaemonSet" && w.replicas !== 1)
      .filter(({ labels, namespace, spec }) => {
        const budget = budgets.some(
          (b) => b.metadata.namespace === namespace && matches(b.spec.selector.matchLabels, labels),
        );
        return !budget || !spec.topologySpreadConstraints?.length;
      })
      .map(({ resource }) => resource.name);
  },
  "every namespace is restricted and denies both directions by default, but for names": (
    resources,
  ) => {
    const denied = ofKind(resources, "NetworkPolicy")
      .map((policy) => inputs(policy))
      .filter(({ spec }) => Object.keys(spec.podSelector).length === 0)
      .filter(({ spec }) => spec.policyTypes.length === 2 && spec.ingress.length === 0)
      .filter(({ spec }) => isForNamesAlone(spec.egress))
      .map(({ metadata }) => metadata.namespace);
    return ofKind(resources, "Namespace")
      .map((namespace) => inputs(namespace).metadata)
      .filter(({ name, labels }) => {
        const level = labels["pod-security.kubernetes.io/enforce"];
        const allowed = seesNodes.includes(name) ? "privileged" : "restricted";
        return level !== allowed || !denied.includes(name);
      })
      .map(({ name }) => name);
  },
  "folders of a node are mounted for reading alone, where pods do nothing else": (resources) =>
    breaches(resources, ({ namespace, spec: { volumes = [] } }, { volumeMounts = [] }) => {
      const ofNode = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
      const reads = volumeMounts.every((of) => !ofNode.includes(of.name) || of.readOnly === true);
      const allowed = reads && (ofNode.length === 0 || seesNodes.includes(namespace));
      return allowed ? undefined : `mounts ${ofNode.join(", ")} of its node`;
    }),
  "every network policy says what it is for, in a sentence": (resources) =>
    ofKind(resources, "NetworkPolicy")
      .filter((policy) => {
        const { annotations } = inputs(policy).metadata;
        return !/^[A-Z].+\.$/.test(annotations?.["kubernetes.io/description"] ?? "");
      })
      .map(({ name }) => name),
  "every service whose pods the engine waits for comes after what makes them": (resources) =>
    ofKind(resources, "Service")
      .filter((service) => {
        const { metadata, spec } = inputs(service);
        if (metadata.annotations?.["pulumi.com/skipAwait"] === "true" || !spec.selector)
          return false;
        const makers = workloads(resources).filter(
          ({ namespace, labels }) =>
            namespace === metadata.namespace && matches(spec.selector, labels),
        );
        return !makers.some(({ kind, resource: { name } }) =>
          service.after?.some((urn) => urn.endsWith(`:${kind}::${name}`)),
        );
      })
      .map(({ name }) => name),
  "every pod is in a network policy of its own": (resources) => {
    const own = ofKind(resources, "NetworkPolicy")
      .map((policy) => inputs(policy))
      .filter(({ spec }) => Object.keys(spec.podSelector).length > 0);
    return workloads(resources)
      .filter(
        ({ labels, namespace }) =>
          !own.some(
            ({ metadata, spec }) =>
              metadata.namespace === namespace && matches(spec.podSelector.matchLabels, labels),
          ),
      )
      .map(({ resource }) => resource.name);
  },
  "every selector chooses the pods of exactly one workload, at any version": (resources) => {
    const pods = workloads(resources);
    return selections(resources).flatMap(({ of, namespace, labels }) => {
      const chosen = pods.filter((w) => w.namespace === namespace && matches(labels, w.labels));
      const ofVersion = "app.kubernetes.io/version" in labels;
      return chosen.length === 1 && !ofVersion ? [] : [`${of} chooses ${chosen.length}`];
    });
  },
  "only what is found by its name has a name of its own": (resources) => {
    const logins = loginsOf(resources);
    return resources
      .filter((resource) => isKubernetes(resource) && !named.includes(kindOf(resource)))
      .filter((resource) => {
        const { namespace, name } = inputs(resource).metadata ?? {};
        const isLogin = kindOf(resource) === "ServiceAccount";
        return name && !(isLogin && logins.includes(`${namespace}/${name}`));
      })
      .map((resource) => `${kindOf(resource)} ${resource.name}`);
  },
  "whoever may ask Consul has a login of its own there, and nobody else has one": (resources) => {
    const clients = workloads(resources)
      .filter(({ labels }) => labels["access.web-greetings/consul"] === "true")
      .map(({ namespace, spec }) => `${namespace}/${spec.serviceAccountName}`);
    const logins = loginsOf(resources);
    return [
      ...clients.filter((client) => !logins.includes(client)).map((of) => `${of} has no login`),
      ...logins.filter((login) => !clients.includes(login)).map((of) => `${of} does not log in`),
      ...logins.filter((login, n) => logins.indexOf(login) !== n).map((of) => `${of} has several`),
    ];
  },
  "every service that leads to the own node is over pods of every node": (resources) => {
    const everywhere = workloads(resources).filter(({ kind }) => kind === "DaemonSet");
    return ofKind(resources, "Service")
      .filter((service) => inputs(service).spec.internalTrafficPolicy === "Local")
      .filter((service) => {
        const { metadata, spec } = inputs(service);
        return !everywhere.some(
          (w) => w.namespace === metadata.namespace && matches(spec.selector, w.labels),
        );
      })
      .map(({ name }) => name);
  },
  "what an autoscaler sizes has no fixed number of replicas": (resources) => {
    const targets = ofKind(resources, "HorizontalPodAutoscaler").map(
      (scaler) => inputs(scaler).spec.scaleTargetRef.name,
    );
    return workloads(resources)
      .filter(({ kind, replicas }) => kind === "Deployment" && replicas !== undefined)
      .filter(({ resource }) => targets.includes(inputs(resource).metadata.name ?? resource.name))
      .map(({ resource }) => resource.name);
  },
  "no role allows everything": (resources) =>
    [...ofKind(resources, "ClusterRole"), ...ofKind(resources, "Role")]
      .filter((role) => JSON.stringify(inputs(role).rules).includes('"*"'))
      .map(({ name }) => name),
  "every object is made by the platform's own provider": (resources) =>
    resources
      .filter(isKubernetes)
      .filter(({ provider }) => !/::cluster::/.test(provider))
      .map(({ type, name, provider }) => `${type} ${name}: ${provider || "the default provider"}`),
  "nothing secret is anywhere but in Secrets": (resources) =>
    resources
      .filter((resource) => isKubernetes(resource) && kindOf(resource) !== "Secret")
      .filter((resource) => {
        const text = JSON.stringify(resource.inputs);
        return text.includes("PRIVATE KEY") || text.includes(secretSignature);
      })
      .map(({ type, name }) => `${type} ${name}`),
};
