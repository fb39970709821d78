import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { consulAccess } from "../kit/consulAccess.ts";
import { limitDisruption } from "../kit/disruption.ts";
import { accessLabelsFor, accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { metricsContainerPort, metricsEnv } from "../kit/metrics.ts";
import { allowConnections, type ConnectionsArgs } from "../kit/networkPolicy.ts";
import { containerBasics, cores, podSecurity, resources, spread } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import {
  type Bounds,
  type Part,
  ports,
  purposes,
  sizes,
  TLS_PATH,
  WORKER_GROUP,
} from "./config.ts";

/** One of the two apps. */
export interface AppArgs {
  readonly part: Part;
  readonly identity: Identity;
  readonly platform: Platform;
  readonly authority: CertificateAuthority;
  readonly namespace: pulumi.Input<string>;
  readonly consul: Endpoint;
  readonly kafka: Endpoint;
  readonly topic: pulumi.Input<string>;
  readonly after: readonly pulumi.Resource[];
  readonly bounds: Bounds;
}

/** Seconds that must pass with less load before a pod is taken away. */
const CALM_SECONDS = 300;
/**
 * Seconds to stop in. On SIGTERM the API serves on until callers have learnt that it goes, and then
 * answers what it took; the Worker finishes, commits and leaves its group. No hook is needed.
 */
const STOP_SECONDS = 30;

/** Access labels of the API's clients. */
export const API_ACCESS = accessLabelsFor("api");

/** Deployment, autoscaler, disruption budget, policy and certificate of one app. */
export function createApp(
  name: string,
  args: AppArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.Deployment {
  const { part, identity, namespace, platform } = args;
  const common = { identity, namespace };
  const uses = [args.kafka, args.consul];
  const connected = allowConnections(
    name,
    { ...common, uses, purpose: purposes[part], ...opened(args) },
    parent,
  );
  limitDisruption(name, common, parent);
  // Consul knows the app by this name.
  const serviceAccount = createServiceAccount(name, { ...common, fixedName: part }, parent);
  const leaf = args.authority.issue(name, { commonName: name, dnsNames: [name] }, { parent });
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  const selector = selectorOf(identity);
  const deployment = new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: part },
      spec: {
        // How many is the autoscaler's alone.
        selector: { matchLabels: { ...selector } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        progressDeadlineSeconds: 180,
        template: {
          metadata: {
            labels: { ...labelsOf(identity), ...accessTo(uses) },
            annotations: { "checksum.web-greetings/certificate": tls.checksum },
          },
          spec: {
            serviceAccountName: serviceAccount,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurity(),
            terminationGracePeriodSeconds: STOP_SECONDS,
            topologySpreadConstraints: spread(selector, platform.scale),
            containers: [containerOf(args)],
            volumes: [tls.volume, consulAccess(args.consul, TLS_PATH).volume],
          },
        },
      },
    },
    { parent, customTimeouts: ROLLOUT, dependsOn: [...args.after] },
  );
  scaleByCpu(name, args, deployment, parent);
  return deployment;
}

/** The API answers to its clients, and its readiness to Consul's agents; nobody asks the Worker. */
function opened({ part, consul }: AppArgs): Pick<ConnectionsArgs, "serves" | "checked"> {
  if (part === "worker") return {};
  return {
    serves: { ports: [ports.http], accessLabels: API_ACCESS },
    checked: { by: consul, ports: [ports.health] },
  };
}

function containerOf(args: AppArgs): k8s.types.input.core.v1.Container {
  const { part, platform } = args;
  const isApi = part === "api";
  const consul = consulAccess(args.consul, TLS_PATH);
  const live = { path: "/livez", port: "health" };
  return {
    name: part,
    image: platform.image(part),
    env: [
      { name: "KAFKA_BROKERS", value: addressOf(args.kafka) },
      { name: "KAFKA_TOPIC", value: args.topic },
      { name: "KAFKA_CA_FILE", value: `${TLS_PATH}/ca.crt` },
      { name: "KAFKA_CERT_FILE", value: `${TLS_PATH}/tls.crt` },
      { name: "KAFKA_KEY_FILE", value: `${TLS_PATH}/tls.key` },
      { name: "ADMIN_PORT", value: `${ports.health}` },
      ...(isApi
        ? [{ name: "PORT", value: `${ports.http}` }]
        : [{ name: "KAFKA_GROUP", value: WORKER_GROUP }]),
      ...metricsEnv(TLS_PATH),
      ...consul.env,
    ],
    ports: [
      ...(isApi ? [{ name: "http", containerPort: ports.http, protocol: "TCP" }] : []),
      { name: "health", containerPort: ports.health, protocol: "TCP" },
      metricsContainerPort,
    ],
    startupProbe: probe(live, { every: 1, failures: 60 }),
    livenessProbe: probe(live, { every: 10, failures: 3 }),
    readinessProbe: probe({ path: "/readyz", port: "health" }, { every: 2, failures: 2 }),
    resources: resources(sizes[platform.scale][part]),
    ...containerBasics(),
    volumeMounts: [{ name: "tls", mountPath: TLS_PATH, readOnly: true }, consul.mount],
  };
}

function scaleByCpu(
  name: string,
  args: AppArgs,
  deployment: k8s.apps.v1.Deployment,
  parent: pulumi.Resource,
) {
  const { busyCores } = sizes[args.platform.scale][args.part];
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: metadataOf(args.identity, args.namespace),
      spec: {
        scaleTargetRef: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: deployment.metadata.name,
        },
        minReplicas: args.bounds.minReplicas,
        maxReplicas: args.bounds.maxReplicas,
        metrics: [
          {
            type: "Resource",
            resource: {
              name: "cpu",
              // Of cores, not of what is kept: a small target keeps less than one pod can use.
              target: { type: "AverageValue", averageValue: cores(busyCores) },
            },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: CALM_SECONDS } },
      },
    },
    { parent },
  );
}
