import { isIP } from "node:net";
import { RunError } from "@pulumi/pulumi";
import type { LeafArgs } from "../../infra/pki.ts";
import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";

/** TCP ports of an edge pod. */
export const ports = {
  /** Everyone's way in, TLS; none that an API server might have. */
  https: 9443,
  /** nginx's health and counts, for the kubelet and the agent beside it. */
  admin: 9090,
  /** The agent's health. */
  health: 9404,
} as const;

/** Port of the edge's service. */
export const SERVICE_PORT = 443;

/** Names that DNS names and Consul's rules are made of. */
export const names = {
  namespace: "edge",
  /** Of the service, and as what the pods register. */
  service: "edge",
  serviceAccount: "edge",
  /** As what the pods of the API register. */
  upstream: "api",
} as const;

/** Where the containers have their files. */
export const paths = {
  config: "/etc/edge/config",
  tls: "/etc/edge/tls",
  /** Shared by nginx and consul-template: configurations, and the pipe by which news come. */
  run: "/run/edge",
  /** nginx's configuration as consul-template writes it. */
  candidate: "/run/edge/candidate.conf",
  /** Shared by consul-template and the agent: the token for Consul. */
  token: "/run/token/consul",
} as const;

/** Files of the configuration, besides the certificate. */
export const files = {
  /** What nginx starts with: no instance is known. */
  first: "first.conf",
  /** What consul-template makes nginx's configuration of. */
  template: "nginx.conf.ctmpl",
  /** Settings of consul-template. */
  watch: "watch.hcl",
} as const;

/** How long things may take, in seconds. */
export const seconds = {
  /** Changes of instances that come closer together than this are one. */
  quiet: 1,
  /** The longest that a change waits for another; an API pod that goes serves on for 5. */
  quietMost: 3,
  /** How long a pod that has known no instance yet waits for one, before it answers 503. */
  wait: 30,
  /** How often consul-template asks anew, whatever it still waits for. */
  anew: 15,
  /** How long nginx serves on after SIGTERM, until the load balancers send nobody any more. */
  drain: 5,
  /** How long a client may send on a connection that it has used, also while nginx goes. */
  keep: 5,
  /** The longest that requests on their way may take when nginx goes or takes news. */
  finish: 15,
} as const;

/** Seconds to stop in: the drain, requests on their way, and some more. */
export const STOP_SECONDS = 30;

/** Containers of an edge pod. */
export type Part = "nginx" | "watch" | "agent";

/** Sizes by target. nginx has two workers; those before a change of instances live on for a while. */
export const sizes: Readonly<Record<Scale, Readonly<Record<Part, Resources>>>> = {
  small: {
    nginx: { cpu: 0.05, cpuLimit: 2, memoryMiB: 128 },
    watch: { cpu: 0.01, cpuLimit: 1, memoryMiB: 64 },
    agent: { cpu: 0.01, cpuLimit: 1, memoryMiB: 96 },
  },
  full: {
    nginx: { cpu: 1, cpuLimit: 2, memoryMiB: 512 },
    watch: { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 },
    agent: { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 },
  },
};

/**
 * Refuses a number of pods that cannot be.
 *
 * @throws RunError naming the value got and those allowed
 */
export function requireReplicas(replicas: number) {
  if (!Number.isInteger(replicas) || replicas < 1) {
    throw new RunError(
      `edge cannot have ${replicas} replicas; allowed: whole numbers, at least 1; ` +
        "take 2 or more, so that one can be away",
    );
  }
}

/** DNS name of the service, which the certificate has. */
export const SERVED_NAME = `${names.service}.${names.namespace}.svc`;

/** What the certificate is for: the service's names, and the names and addresses that people open. */
export function servedNames(hosts: readonly string[]): Pick<LeafArgs, "dnsNames" | "ipAddresses"> {
  const ipAddresses = hosts.filter((host) => isIP(host) !== 0);
  const dnsNames = hosts.filter((host) => isIP(host) === 0);
  return {
    dnsNames: [...new Set([SERVED_NAME, `${SERVED_NAME}.cluster.local`, ...dnsNames])],
    ...(ipAddresses.length > 0 ? { ipAddresses } : {}),
  };
}
