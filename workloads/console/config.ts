import { RunError } from "@pulumi/pulumi";
import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";
import type { WebInterface } from "../kit/webInterface.ts";

/** TCP ports of a console pod. */
export const ports = {
  /** The operators' way in, TLS; none that an API server might have. */
  https: 9443,
  /** Health, for the kubelet. */
  admin: 9090,
} as const;

/** Port of the console's service. */
export const SERVICE_PORT = 443;

/** Names that DNS names are made of. */
export const names = { namespace: "console", service: "console" } as const;

/** Where nginx has its files. */
export const paths = { config: "/etc/console/config", tls: "/etc/console/tls" } as const;

/** nginx's configuration, its only file. */
export const CONFIG_FILE = "nginx.conf";

/** Where the platform asks whether a pod can serve, under no interface's name. */
export const HEALTH_PATH = "/healthz";

/** A pod that has this file is about to go, and says so at the health path. */
export const LEAVING_FILE = "/tmp/leaving";

/** How long things may take, in seconds. */
export const seconds = {
  /** The longest that an interface may be silent: less than the 60 of the load balancer before it. */
  answer: 55,
  /** The longest that requests on their way may take when nginx goes. */
  finish: 15,
  /** What a pod has to stop in beyond the drain and requests on their way. */
  spare: 10,
} as const;

/** How many pods by target: a single one may be away while it moves. */
export const replicas: Readonly<Record<Scale, number>> = { small: 1, full: 2 };

/** Size of nginx by target. */
export const sizes: Readonly<Record<Scale, Resources>> = {
  small: { cpu: 0.01, cpuLimit: 1, memoryMiB: 64 },
  full: { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 },
};

/**
 * Refuses interfaces whose servers nobody could tell from others.
 *
 * @throws RunError naming the interface
 */
export function requireTls(interfaces: Readonly<Record<string, WebInterface>>) {
  for (const [name, { endpoint }] of Object.entries(interfaces)) {
    if (!endpoint.tls) {
      throw new RunError(
        `the console cannot lead to ${name}, which speaks in the clear; allowed: servers with TLS`,
      );
    }
  }
}
