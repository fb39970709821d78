import type * as pulumi from "@pulumi/pulumi";
import { versionOf } from "../../infra/versions.ts";
import type { Endpoint } from "../kit/endpoint.ts";
import type { Identity } from "../kit/labels.ts";
import { metricsEndpoint } from "../kit/metrics.ts";
import { kubernetesAlerts, ownAlerts } from "./alerts.ts";
import { clusterJobs, dnsTarget } from "./cluster.ts";
import { hostOf, names, ports } from "./config.ts";
import type { Watched } from "./rules.ts";
import type { Asked } from "./servers.ts";

/** One of the room's programs. */
export interface Part {
  readonly identity: Identity;
  readonly namespace: pulumi.Output<string>;
  /** Where its metrics are. */
  readonly metrics: Endpoint;
}

/** The room's programs, by their jobs. */
export type Parts = Readonly<
  Record<"prometheus" | "alertmanager" | "kube-state-metrics" | "node-exporter", Part>
>;

/** What each of them is to the room. */
const components: Readonly<Record<keyof Parts, string>> = {
  prometheus: "server",
  alertmanager: "alertmanager",
  "kube-state-metrics": "state",
  "node-exporter": "node",
};

/**
 * The room's programs.
 *
 * @param instance name of the component
 * @param version that of Prometheus
 */
export function partsOf(
  instance: string,
  version: string,
  namespace: pulumi.Output<string>,
  nodeNamespace: pulumi.Output<string>,
): Parts {
  const part = (job: keyof Parts, of: string, port: number, host = hostOf(job)): Part => {
    const identity = { name: job, instance, component: components[job], version: of };
    const inside = job === "node-exporter" ? nodeNamespace : namespace;
    const metrics = metricsEndpoint(job, { identity, namespace: inside, port, tlsName: host });
    return { identity, namespace: inside, metrics };
  };
  return {
    prometheus: part("prometheus", version, ports.prometheus),
    alertmanager: part("alertmanager", versionOf("alertmanager"), ports.alertmanager),
    "kube-state-metrics": part(
      "kube-state-metrics",
      versionOf("kubeStateMetrics"),
      ports.stateMetrics,
    ),
    "node-exporter": part(
      "node-exporter",
      versionOf("nodeExporter"),
      ports.nodeExporter,
      hostOf(names.nodeExporter, names.nodeNamespace),
    ),
  };
}

/** What Prometheus asks besides the rooms: the room's own programs, and the cluster's DNS. */
export function ownTargets(parts: Parts): Asked[] {
  return [
    ...Object.entries(parts).map(([job, { metrics }]) => ({
      target: { job, endpoint: metrics },
      ...(job === "kube-state-metrics" ? { ofOthers: true } : {}),
    })),
    { target: dnsTarget },
  ];
}

/** What is watched over besides the rooms. */
export function ownWatched(parts: Parts): Watched[] {
  return [
    { room: "prometheus", jobs: Object.keys(parts), alerts: ownAlerts },
    { room: "kubernetes", jobs: [...clusterJobs, dnsTarget.job], alerts: kubernetesAlerts },
  ];
}
