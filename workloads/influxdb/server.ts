import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { imageAt } from "../../infra/versions.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import type { Identity } from "../kit/labels.ts";
import { containerBasics, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import type { TlsSecret } from "../kit/tlsSecret.ts";
import { ADMIN, names, PORT, paths, renderInfluxdbConf, type Size, sizes } from "./config.ts";
import { takeOverContainer } from "./takeOver.ts";

/** What the database is made of. */
export interface ServerArgs {
  readonly identity: Identity;
  readonly platform: Platform;
  /** Namespace, known once the policy of its pod is in force. */
  readonly namespace: pulumi.Output<string>;
  readonly tls: TlsSecret;
  /** The administrator's; secret. */
  readonly password: pulumi.Output<string>;
}

/** Seconds to stop in: what is in memory alone is in its log too, and read again at the start. */
const STOP_SECONDS = 60;

/** The database: one server, as InfluxDB 1 has no others without a licence, with its volume. */
export function createServer(
  name: string,
  { identity, platform, namespace, tls, password }: ServerArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const common = { identity, namespace };
  const size = sizes[platform.scale];
  const files = { "influxdb.conf": renderInfluxdbConf(size) };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const secrets = createSecretFiles(name, common, { [ADMIN]: password }, parent);
  return createStatefulService(
    name,
    {
      ...common,
      platform,
      serviceAccount: createServiceAccount(name, common, parent),
      replicas: 1,
      podName: names.service,
      serversName: names.servers,
      ports: { https: PORT },
      podLabels: {},
      checksums: {
        config: config.checksum,
        certificate: tls.checksum,
        secrets: secrets.checksum,
      },
      initContainers: [takeOverContainer(identity.version, size)],
      containers: [containerOf(identity.version, size)],
      volumes: [
        config.volume,
        tls.volume,
        secrets.volume,
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
      data: { volume: "data", sizeGiB: size.dataGiB },
      stopSeconds: STOP_SECONDS,
    },
    parent,
  );
}

function containerOf(version: string, size: Size): k8s.types.input.core.v1.Container {
  const answers = { path: "/ping", port: "https", tls: true } as const;
  return {
    name: "influxdb",
    image: imageAt("influxdb", version),
    // By itself: the image's own start would make users out of its environment.
    command: ["/usr/bin/influxd", "-config", `${paths.config}/influxdb.conf`],
    ports: [{ name: "https", containerPort: PORT, protocol: "TCP" }],
    // It reads its log before it answers, and a large one takes minutes.
    startupProbe: probe(answers, { every: 2, failures: 300 }),
    livenessProbe: probe(answers, { every: 15, failures: 4 }),
    readinessProbe: probe(answers, { every: 5, failures: 3 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "data", mountPath: paths.data },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
