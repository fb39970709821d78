import type { Resources } from "../kit/pod.ts";

/** TCP ports of the listener: one that the policies open, one that each direction alone refuses. */
export const ports = {
  open: 8080,
  /** The prober may go there, but the listener may not be reached there. */
  noIngress: 8081,
  /** The listener may be reached there, but the prober may not go there. */
  noEgress: 8082,
} as const;

/** Size of both pods, which live for seconds. */
export const size: Resources = { cpu: 0.01, cpuLimit: 1, memoryMiB: 96 };

/** The result on a cluster whose network plugin passes everything. */
export const NOT_ENFORCED = "NOT ENFORCED";

/** What people are told then, besides the output. */
export const advice =
  "the network policies are NOT ENFORCED: this cluster's network plugin passes every connection, " +
  "so that any pod reaches any other one; take a plugin that enforces them, " +
  "as by `minikube delete` and `minikube start --cni=calico`";

/** What is read of a pod's status. */
export interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly state?: { readonly terminated?: { readonly message?: string } };
  }[];
}

/** The prober's last words; `not tried: ` and the reason where it has none. */
export function readResult(status: PodStatus | undefined): string {
  const ended = status?.containerStatuses?.[0]?.state?.terminated;
  if (!ended) return "not tried: the check has not run yet";
  return ended.message || "not tried: the check ended without a word";
}
