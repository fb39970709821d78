import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { accessLabelsFor, type Endpoint } from "./endpoint.ts";
import { type Identity, selectorOf } from "./labels.ts";
import type { Serving } from "./networkPolicy.ts";

/** Port of metrics in the pods of our own programs: TLS, and no answer without a certificate. */
export const METRICS_PORT = 9464;

/** The same as their containers declare it. */
export const metricsContainerPort: k8s.types.input.core.v1.ContainerPort = {
  name: "metrics",
  containerPort: METRICS_PORT,
  protocol: "TCP",
};

/**
 * What a container of ours needs to serve metrics.
 *
 * @param tlsPath where it has `tls.key`, `tls.crt` and `ca.crt`
 */
export function metricsEnv(tlsPath: string): { readonly name: string; readonly value: string }[] {
  return [
    { name: "METRICS_PORT", value: `${METRICS_PORT}` },
    { name: "METRICS_CA_FILE", value: `${tlsPath}/ca.crt` },
    { name: "METRICS_CERT_FILE", value: `${tlsPath}/tls.crt` },
    { name: "METRICS_KEY_FILE", value: `${tlsPath}/tls.key` },
  ];
}

/** Pods that have metrics. */
export interface MetricsArgs {
  /** The pods. */
  readonly identity: Identity;
  readonly namespace: pulumi.Output<string>;
  /** Port of the metrics, which the pods' container declares. */
  readonly port: number;
  /** Name in the pods' certificate; undefined: they speak in the clear. */
  readonly tlsName: string | undefined;
}

/**
 * The right to ask pods for their metrics, apart from the right to use what they serve. Whoever asks
 * does not wait for the pods: to watch how they start is what it is there for.
 *
 * @param of what the pods are, unique in the stack
 */
export function metricsEndpoint(of: string, args: MetricsArgs): Endpoint {
  const { identity, namespace, port, tlsName } = args;
  return {
    host: pulumi.output(tlsName ?? of),
    port,
    tls: tlsName !== undefined,
    accessLabels: accessLabelsFor(`${of}-metrics`),
    server: { namespace, labels: selectorOf(identity) },
  };
}

/** The other side of that, for the pods' network policy. */
export function servesMetrics({ port, accessLabels }: Endpoint): Serving {
  return { ports: [port], accessLabels };
}
