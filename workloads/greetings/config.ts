import { RunError } from "@pulumi/pulumi";
import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";

/** TCP ports of the apps' pods. */
export const ports = {
  /** What the way in passes on to. */
  http: 8080,
  /** Health, reached by the kubelet and by Consul's agents alone. */
  health: 9090,
} as const;

/** Where the pod has its certificate. */
export const TLS_PATH = "/etc/greetings/tls";

/** Consumer group of the Workers. */
export const WORKER_GROUP = "web-greetings-worker";

/** Which of the two apps. */
export type Part = "api" | "worker";

/** Why each app talks to others. */
export const purposes: Readonly<Record<Part, string>> = {
  api: "The API takes texts from the edge and puts them on Kafka's topic.",
  worker: "The Worker reads texts from Kafka's topic and prints them.",
};

/** How many pods of an app there may be. */
export interface Bounds {
  /** Fewest pods. */
  readonly minReplicas: number;
  /** Most pods. */
  readonly maxReplicas: number;
}

/** Size of an app's pod. */
export interface Size extends Resources {
  /** Cores that a pod uses on average when another one is added. */
  readonly busyCores: number;
}

/**
 * Sizes by target. A small one keeps little CPU for a pod, so that a broker finds its place on a
 * machine of two cores also while the apps have scaled out.
 */
export const sizes: Readonly<Record<Scale, Readonly<Record<Part, Size>>>> = {
  small: {
    api: { cpu: 0.05, cpuLimit: 2, memoryMiB: 256, busyCores: 0.5 },
    worker: { cpu: 0.05, cpuLimit: 2, memoryMiB: 256, busyCores: 0.5 },
  },
  full: {
    api: { cpu: 1, cpuLimit: 2, memoryMiB: 512, busyCores: 0.8 },
    worker: { cpu: 0.5, cpuLimit: 2, memoryMiB: 512, busyCores: 0.8 },
  },
};

/**
 * Refuses numbers of pods that contradict each other.
 *
 * @throws RunError naming the app, the values got and those allowed
 */
export function requireBounds(part: Part, { minReplicas, maxReplicas }: Bounds) {
  const whole = Number.isInteger(minReplicas) && Number.isInteger(maxReplicas);
  if (!whole || minReplicas < 1 || maxReplicas < minReplicas) {
    throw new RunError(
      `${part} cannot have ${minReplicas} to ${maxReplicas} replicas; ` +
        "allowed: whole numbers, at least 1, the most not below the fewest",
    );
  }
}
