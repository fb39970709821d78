import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { images } from "../../infra/versions.ts";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { type Identity, labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, type Resources, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import { dnsNames, names, paths, ports, renderWeb } from "./config.ts";
import { ownMounts } from "./containers.ts";
import { grantListing, toldObjects } from "./rbac.ts";
import { sizes } from "./sizes.ts";
import { tokenMount, tokenVolume } from "./token.ts";

/** What tells the state of Kubernetes' objects, or of a node, is made of. */
export interface ExporterArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly platform: Platform;
  readonly authority: CertificateAuthority;
}

const WEB_FILE = "web.yml";

/** kube-state-metrics, which tells what Kubernetes knows of its objects. */
export function createStateMetrics(name: string, args: ExporterArgs, parent: pulumi.Resource) {
  const { identity, namespace, platform } = args;
  const common = { identity, namespace };
  const purpose =
    "Prometheus asks kube-state-metrics, which asks Kubernetes, how Kubernetes' objects are.";
  const connected = allowConnections(name, { ...common, purpose, usesKubernetes: true }, parent);
  const { config, tls } = createFiles(name, args, dnsNames(names.stateMetrics), parent);
  const account = createServiceAccount(name, common, parent);
  new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: names.stateMetrics },
      spec: {
        // One is enough: it keeps nothing, and a second would say everything again.
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: { ...selectorOf(identity) } },
        progressDeadlineSeconds: 180,
        template: {
          metadata: {
            labels: { ...labelsOf(identity) },
            annotations: checksumAnnotations({
              config: config.checksum,
              certificate: tls.checksum,
            }),
          },
          spec: {
            serviceAccountName: grantListing(name, { ...common, account }, parent),
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurity(),
            containers: [container(sizes[platform.scale].containers.stateMetrics)],
            volumes: [config.volume, tls.volume, tokenVolume],
          },
        },
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
}

/** Certificate and web.yml of an exporter. */
export function createFiles(
  name: string,
  { identity, namespace, authority }: ExporterArgs,
  dns: readonly string[],
  parent: pulumi.Resource,
) {
  const common = { identity, namespace };
  const leaf = authority.issue(name, { commonName: name, dnsNames: dns }, { parent });
  return {
    config: createConfigFiles(
      name,
      { ...common, files: { [WEB_FILE]: renderWeb() } },
      "config",
      parent,
    ),
    tls: createTlsSecret(name, { ...common, leaf }, "tls", parent),
  };
}

/** Where an exporter finds how it is to serve. */
export const webFile = `${paths.config}/${WEB_FILE}`;

/** Its image has no shell, and whoever asks needs a certificate: that the port is open must do. */
function container(size: Resources): k8s.types.input.core.v1.Container {
  const open = { port: "https" };
  return {
    name: "kube-state-metrics",
    image: images.kubeStateMetrics,
    command: ["/kube-state-metrics"],
    args: [
      "--host=0.0.0.0",
      `--port=${ports.stateMetrics}`,
      "--telemetry-host=127.0.0.1",
      `--telemetry-port=${ports.stateMetricsSelf}`,
      `--tls-config=${webFile}`,
      `--resources=${toldObjects.join(",")}`,
    ],
    ports: [{ name: "https", containerPort: ports.stateMetrics, protocol: "TCP" }],
    startupProbe: probe(open, { every: 2, failures: 60 }),
    livenessProbe: probe(open, { every: 30, failures: 3 }),
    readinessProbe: probe(open, { every: 10, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [...ownMounts, tokenMount],
  };
}
