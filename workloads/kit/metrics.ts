import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { accessLabelsFor, type Endpoint, type ServingPods } from "./endpoint.ts";
import { type Identity, selectorOf } from "./labels.ts";
import type { ScrapeTarget } from "./monitor.ts";
import { type AdmissionArgs, admit } from "./networkPolicy.ts";

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

/**
 * Where a target's pods are.
 *
 * @throws Error when they are no pods
 */
export function podsOf({ job, endpoint }: ScrapeTarget): ServingPods {
  if (!("namespace" in endpoint.server)) {
    throw new Error(`job ${job} has no pods, so that nobody can find what to ask`);
  }
  return endpoint.server;
}

/**
 * The other side of that right: lets those who ask in to the targets' pods. Whoever asks makes it, so
 * that there is no way in where nobody does.
 *
 * @param identity who asks
 * @param purpose why, in one sentence for people
 */
export function admitToMetrics(
  name: string,
  targets: readonly ScrapeTarget[],
  { identity, purpose }: Pick<AdmissionArgs, "identity" | "purpose">,
  parent: pulumi.Resource,
): void {
  // Two jobs may ask the same port for different pages; pods outside the stack are open to all.
  const guarded = targets.filter(({ endpoint }) => Object.keys(endpoint.accessLabels).length > 0);
  for (const target of new Map(guarded.map((one) => [one.endpoint, one])).values()) {
    const { port, accessLabels } = target.endpoint;
    const serves = { ports: [port], accessLabels };
    admit(
      `${name}-asks-${target.job}`,
      { identity, purpose, pods: podsOf(target), serves },
      parent,
    );
  }
}
