import type * as k8s from "@pulumi/kubernetes";

type Probe = k8s.types.input.core.v1.Probe;

/**
 * What a probe asks: a command in the container, a path over HTTP, or whether a port is open.
 * Over TLS the kubelet shows no certificate and believes any, which is no way to anything secret:
 * it tells that a server answers, not which one.
 */
export type Check =
  | { readonly command: readonly string[] }
  | { readonly path: string; readonly port: string; readonly tls?: true }
  | { readonly port: string };

/** Seconds between two askings, and how many failures in a row count. */
export interface Pace {
  /** Seconds between askings. */
  readonly every: number;
  /** Failures in a row until the probe counts as failed. */
  readonly failures: number;
}

/** Seconds that an answer may take; a JVM's pause for garbage must fit in. */
const TIMEOUT = 5;

/** A probe with every number written out, so that nothing hangs on the API server's defaults. */
export function probe(check: Check, pace: Pace): Probe {
  return {
    ...actionOf(check),
    periodSeconds: pace.every,
    failureThreshold: pace.failures,
    successThreshold: 1,
    timeoutSeconds: TIMEOUT,
  };
}

function actionOf(check: Check): Probe {
  if ("command" in check) {
    return { exec: { command: [...check.command] } };
  }
  if ("path" in check) {
    const scheme = check.tls ? "HTTPS" : "HTTP";
    return { httpGet: { path: check.path, port: check.port, scheme } };
  }
  return { tcpSocket: { port: check.port } };
}
