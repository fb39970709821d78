import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { imageAt } from "../../infra/versions.ts";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { accessTo, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf } from "../kit/labels.ts";
import { metricsEndpoint } from "../kit/metrics.ts";
import { containerBasics, podSecurity, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import { METRICS_PORT, paths, renderOutput, telegrafSizes } from "./telegrafConfig.ts";

/** What every Telegraf needs. */
export interface TelegrafArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Output<string>;
  readonly platform: Platform;
  readonly authority: CertificateAuthority;
  /** Where points go. */
  readonly influxdb: Endpoint;
  /** Password of the user that may write; secret. */
  readonly password: pulumi.Output<string>;
}

/** What one kind of Telegraf has that the other has not. */
export interface TelegrafPod {
  readonly serviceAccount: pulumi.Input<string>;
  /** telegraf.conf. */
  readonly conf: pulumi.Input<string>;
  /** Servers that it asks, besides InfluxDB. */
  readonly asks: readonly Endpoint[];
  readonly env: readonly k8s.types.input.core.v1.EnvVar[];
  readonly volumes: readonly k8s.types.input.core.v1.Volume[];
  readonly mounts: readonly k8s.types.input.core.v1.VolumeMount[];
}

/** Name in the certificate of the Telegrafs of a namespace; no service has it. */
function tlsNameIn(namespace: string): string {
  return `telegraf.${namespace}.svc`;
}

/**
 * The right to ask Telegrafs for their metrics.
 *
 * @param job what they are called in Prometheus
 * @param inside name of their namespace
 */
export function telegrafMetrics(
  job: string,
  { identity, namespace }: Pick<TelegrafArgs, "identity" | "namespace">,
  inside: string,
): Endpoint {
  const tlsName = tlsNameIn(inside);
  return metricsEndpoint(job, { identity, namespace, port: METRICS_PORT, tlsName });
}

/** Seconds to stop in: what is in its memory it writes, or loses. */
const STOP_SECONDS = 30;

/**
 * The pod of a Telegraf, with its files.
 *
 * @param inside name of its namespace
 */
export function telegrafPod(
  name: string,
  args: TelegrafArgs,
  inside: string,
  pod: TelegrafPod,
  parent: pulumi.Resource,
): k8s.types.input.core.v1.PodTemplateSpec {
  const { identity, namespace, influxdb } = args;
  const common = { identity, namespace };
  const dnsNames = [tlsNameIn(inside)];
  const leaf = args.authority.issue(name, { commonName: name, dnsNames }, { parent });
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  const files = { "telegraf.conf": pod.conf };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const output = pulumi
    .all([influxdb.host, args.password])
    .apply(([host, password]) => renderOutput(host, password));
  const secrets = createSecretFiles(name, common, { "output.conf": output }, parent);
  return {
    metadata: {
      labels: { ...labelsOf(identity), ...accessTo([influxdb, ...pod.asks]) },
      annotations: checksumAnnotations({
        config: config.checksum,
        secrets: secrets.checksum,
        certificate: tls.checksum,
      }),
    },
    spec: {
      serviceAccountName: pod.serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurity(),
      terminationGracePeriodSeconds: STOP_SECONDS,
      containers: [containerOf(args, pod)],
      volumes: [config.volume, secrets.volume, tls.volume, ...pod.volumes],
    },
  };
}

function containerOf(
  { identity, platform }: TelegrafArgs,
  pod: TelegrafPod,
): k8s.types.input.core.v1.Container {
  const size = telegrafSizes[platform.scale];
  const open = { port: "metrics" };
  const files = [`${paths.config}/telegraf.conf`, `${paths.secrets}/output.conf`];
  return {
    name: "telegraf",
    image: imageAt("telegraf", identity.version),
    // By itself: the image's own start changes user, and knows one configuration file alone.
    command: ["/usr/bin/telegraf", ...files.flatMap((file) => ["--config", file])],
    env: [
      // Below the limit, so that a full buffer makes Go clean up rather than the kernel kill.
      { name: "GOMEMLIMIT", value: `${Math.floor(size.memoryMiB * 0.8)}MiB` },
      ...pod.env,
    ],
    ports: [{ name: "metrics", containerPort: METRICS_PORT, protocol: "TCP" }],
    // The port takes nobody without a certificate, and the kubelet has none to show.
    startupProbe: probe(open, { every: 2, failures: 60 }),
    livenessProbe: probe(open, { every: 15, failures: 4 }),
    readinessProbe: probe(open, { every: 5, failures: 3 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "secrets", mountPath: paths.secrets, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      ...pod.mounts,
    ],
  };
}
