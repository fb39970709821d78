import type * as k8s from "@pulumi/kubernetes";
import type { Scale } from "../../infra/platform.ts";
import type { Labels } from "./labels.ts";

/** User and group of every image that runs here: zookeeper, appuser (kafka) and node alike. */
const USER = 1000;

/** Security of a pod: a user without rights, the runtime's filter of system calls. */
export function podSecurity(): k8s.types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    fsGroup: USER,
    // Changing the owner of every file of a large volume at each start takes minutes.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/**
 * What every container shares: no capability, no new privilege, nothing written but to its volumes;
 * and when it fails, the end of its log is the reason that Kubernetes reports.
 */
export function containerBasics(): Pick<
  k8s.types.input.core.v1.Container,
  "securityContext" | "terminationMessagePolicy"
> {
  return {
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
  };
}

/** What a container may use: cores of CPU and MiB of memory. */
export interface Resources {
  /** Cores that are kept for it. */
  readonly cpu: number;
  /** Cores that it may use while nobody else needs them. */
  readonly cpuLimit: number;
  /** MiB, kept for it and never more: memory cannot be taken back. */
  readonly memoryMiB: number;
}

/** `resources` of a container. */
export function resources(of: Resources): k8s.types.input.core.v1.ResourceRequirements {
  const memory = `${of.memoryMiB}Mi`;
  return {
    requests: { cpu: cores(of.cpu), memory },
    limits: { cpu: cores(of.cpuLimit), memory },
  };
}

/** Cores of CPU as the API server writes them itself, so that no drift is seen: "2", "50m". */
export function cores(count: number): string {
  return Number.isInteger(count) ? `${count}` : `${Math.round(count * 1000)}m`;
}

/**
 * Spread of a workload's pods over zones and nodes. A small target may have one node only, so that
 * there it is a wish.
 */
export function spread(
  selector: Labels,
  scale: Scale,
): k8s.types.input.core.v1.TopologySpreadConstraint[] {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: scale === "full" ? "DoNotSchedule" : "ScheduleAnyway",
    labelSelector: { matchLabels: { ...selector } },
  }));
}
