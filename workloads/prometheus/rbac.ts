import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Identity, labelsOf, metadataOf } from "../kit/labels.ts";
import { podsOf } from "../kit/metrics.ts";
import type { ScrapeTarget } from "../kit/monitor.ts";
import { API_SERVERS } from "./cluster.ts";

/** A ServiceAccount that is granted something. */
export interface Account {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** Its name. */
  readonly account: pulumi.Input<string>;
}

type Rules = k8s.types.input.rbac.v1.PolicyRule[];

const RBAC = "rbac.authorization.k8s.io";
const WATCH = ["get", "list", "watch"];

const subjectsOf = ({ account, namespace }: Account) => [
  { kind: "ServiceAccount", name: account, namespace },
];

/** Grants rights in the whole cluster; the binding's name. */
function grantEverywhere(name: string, to: Account, rules: Rules, parent: pulumi.Resource) {
  const metadata = { labels: { ...labelsOf(to.identity) } };
  const role = new k8s.rbac.v1.ClusterRole(name, { metadata, rules }, { parent });
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: role.metadata.name };
  const subjects = subjectsOf(to);
  const bound = { metadata, roleRef, subjects };
  return new k8s.rbac.v1.ClusterRoleBinding(name, bound, { parent }).metadata.name;
}

/** Grants rights in one namespace; the binding's name. */
function grantIn(
  namespace: pulumi.Input<string>,
  name: string,
  to: Account,
  rules: Rules,
  parent: pulumi.Resource,
) {
  const metadata = metadataOf(to.identity, namespace);
  const role = new k8s.rbac.v1.Role(name, { metadata, rules }, { parent });
  const roleRef = { apiGroup: RBAC, kind: "Role", name: role.metadata.name };
  const subjects = subjectsOf(to);
  const bound = { metadata, roleRef, subjects };
  return new k8s.rbac.v1.RoleBinding(name, bound, { parent }).metadata.name;
}

/** The account's name, known once all of the bindings are there. */
const known = (account: pulumi.Input<string>, bindings: readonly pulumi.Output<string>[]) =>
  pulumi.all([account, pulumi.all([...bindings])]).apply(([name]) => name);

/**
 * Lets Prometheus find what it asks: pods in the namespaces of its targets and nowhere else, nodes
 * and API servers; and read the metrics of those two.
 *
 * @returns the account's name, known once it may
 */
export function grantDiscovery(
  name: string,
  to: Account,
  targets: readonly ScrapeTarget[],
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const pods = [{ apiGroups: [""], resources: ["pods"], verbs: WATCH }];
  const bindings = targets.map((target) =>
    grantIn(podsOf(target).namespace, `${name}-${target.job}`, to, pods, parent),
  );
  const servers: Rules = [
    // Prometheus looks at what is before and behind a slice too, and waits until it may.
    { apiGroups: [""], resources: ["services", "pods"], verbs: WATCH },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: WATCH },
  ];
  const nodes: Rules = [
    { apiGroups: [""], resources: ["nodes"], verbs: WATCH },
    { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    { nonResourceURLs: ["/metrics"], verbs: ["get"] },
  ];
  return known(to.account, [
    ...bindings,
    grantIn(API_SERVERS, `${name}-api-servers`, to, servers, parent),
    grantEverywhere(`${name}-nodes`, to, nodes, parent),
  ]);
}

/** Objects that kube-state-metrics tells of, by their group; nothing secret is among them. */
const objects: Readonly<Record<string, readonly string[]>> = {
  "": ["namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods"],
  apps: ["daemonsets", "deployments", "statefulsets"],
  autoscaling: ["horizontalpodautoscalers"],
  batch: ["jobs"],
  policy: ["poddisruptionbudgets"],
};

/** Their names, as kube-state-metrics is told them. */
export const toldObjects: readonly string[] = Object.values(objects).flat().toSorted();

/**
 * Lets kube-state-metrics list those objects.
 *
 * @returns the account's name, known once it may
 */
export function grantListing(
  name: string,
  to: Account,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const rules = Object.entries(objects).map(([group, resources]) => ({
    apiGroups: [group],
    resources: [...resources],
    verbs: ["list", "watch"],
  }));
  return known(to.account, [grantEverywhere(name, to, rules, parent)]);
}
