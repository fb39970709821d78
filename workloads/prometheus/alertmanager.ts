import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { imageAt } from "../../infra/versions.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import type { Identity, Labels } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, type Resources, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import {
  clusterArgs,
  files,
  portsOf,
  type Receiver,
  renderAlertmanager,
  renderCluster,
  secretsOf,
} from "./alertmanagerConfig.ts";
import { dnsNames, names, paths, ports, renderClient, renderWeb } from "./config.ts";
import { ownMounts } from "./containers.ts";
import { sizes } from "./sizes.ts";

/** What the Alertmanagers are made of. */
export interface AlertmanagersArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly platform: Platform;
  readonly authority: CertificateAuthority;
  /** Labels of the pods that may tell and ask. */
  readonly accessLabels: Labels;
  /** Whom they tell. */
  readonly receivers: readonly Receiver[];
}

/** Seconds to stop in: silences and what was delivered are written down. */
const STOP_SECONDS = 30;

/** The Alertmanagers with their configuration, secrets and policy. */
export function createAlertmanagers(
  name: string,
  args: AlertmanagersArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const { identity, namespace, platform } = args;
  const common = { identity, namespace };
  const size = sizes[platform.scale];
  const replicas = size.alertmanagers;
  const connected = connect(name, args, replicas, parent);
  const leaf = args.authority.issue(
    name,
    { commonName: name, dnsNames: dnsNames(names.alertmanager) },
    { parent },
  );
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  const config = createConfigFiles(
    name,
    {
      ...common,
      files: {
        [files.alertmanager]: renderAlertmanager(args.receivers),
        [files.web]: renderWeb(),
        [files.cluster]: renderCluster(),
        [files.client]: renderClient(),
      },
    },
    "config",
    parent,
  );
  const secrets = createSecretFiles(name, common, secretsOf(args.receivers), parent);
  return createStatefulService(
    name,
    {
      identity,
      namespace: connected,
      platform,
      serviceAccount: createServiceAccount(name, common, parent),
      replicas,
      podName: names.alertmanager,
      serversName: names.alertmanagerServers,
      ports: { https: ports.alertmanager, cluster: ports.cluster },
      podLabels: {},
      checksums: {
        config: config.checksum,
        secrets: secrets.checksum,
        certificate: tls.checksum,
      },
      initContainers: [],
      containers: [alertmanagerContainer(identity.version, replicas, size.containers.alertmanager)],
      volumes: [config.volume, tls.volume, secrets.volume],
      data: { volume: "data", sizeGiB: size.alertmanagerDataGiB },
      stopSeconds: STOP_SECONDS,
    },
    parent,
  );
}

/** The Alertmanagers' network policy; the namespace for their pods. */
function connect(
  name: string,
  args: AlertmanagersArgs,
  replicas: number,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, accessLabels } = args;
  return allowConnections(
    name,
    {
      identity,
      namespace,
      purpose:
        "Alertmanagers take alerts, agree on who delivers them, and post them to receivers outside.",
      serves: { ports: [ports.alertmanager], accessLabels },
      peerPorts: replicas > 1 ? [ports.cluster] : [],
      usesMachines: portsOf(args.receivers),
    },
    parent,
  );
}

/** Alertmanager. Its port opens once it can take alerts, which is all that it need be asked. */
function alertmanagerContainer(
  version: string,
  replicas: number,
  size: Resources,
): k8s.types.input.core.v1.Container {
  const open = { port: "https" };
  return {
    name: "alertmanager",
    image: imageAt("alertmanager", version),
    command: ["/bin/alertmanager"],
    args: [
      `--config.file=${paths.config}/${files.alertmanager}`,
      `--web.config.file=${paths.config}/${files.web}`,
      `--web.listen-address=0.0.0.0:${ports.alertmanager}`,
      `--storage.path=${paths.alertmanager}`,
      ...clusterArgs(replicas),
    ],
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
    ],
    ports: [
      { name: "https", containerPort: ports.alertmanager, protocol: "TCP" },
      { name: "cluster", containerPort: ports.cluster, protocol: "TCP" },
    ],
    startupProbe: probe(open, { every: 2, failures: 60 }),
    livenessProbe: probe(open, { every: 30, failures: 3 }),
    readinessProbe: probe(open, { every: 10, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      ...ownMounts,
      { name: "secrets", mountPath: paths.secrets, readOnly: true },
      { name: "data", mountPath: paths.alertmanager },
    ],
  };
}
