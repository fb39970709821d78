import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { images } from "../../infra/versions.ts";
import { checksumAnnotations } from "../kit/checksum.ts";
import { labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, type Resources, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { dnsNames, names, ports } from "./config.ts";
import { ownMounts } from "./containers.ts";
import { sizes } from "./sizes.ts";
import { createFiles, type ExporterArgs, webFile } from "./stateMetrics.ts";

/**
 * What is asked of a node. Its network is not: a pod of its own sees its own network alone, and one
 * with the node's would be out of reach of every network policy.
 */
const collectors = [
  "cpu",
  "diskstats",
  "filefd",
  "filesystem",
  "loadavg",
  "meminfo",
  "pressure",
  "stat",
  "time",
  "uname",
  "vmstat",
];

/**
 * The node's own disk and no other: the kubelet tells of volumes. The container's root is on the disk
 * that the node keeps containers on, and tells how full that is; so the node's own root, and with it
 * every volume that is mounted there, need not be within reach.
 */
const DISK = "^/$";

const HOST = "/host";

/** Folders of the node, and where the container has them. */
const folders = ["proc", "sys"].map((name) => ({
  name,
  path: `/${name}`,
  mountPath: `${HOST}/${name}`,
}));

/** A node-exporter on every node, also on those that take no other pods; it writes nothing there. */
export function createNodeExporters(name: string, args: ExporterArgs, parent: pulumi.Resource) {
  const { identity, namespace, platform } = args;
  const common = { identity, namespace };
  const purpose = "Prometheus asks node-exporters how their nodes are.";
  const connected = allowConnections(name, { ...common, purpose }, parent);
  const dns = dnsNames(names.nodeExporter, names.nodeNamespace);
  const { config, tls } = createFiles(name, args, dns, parent);
  new k8s.apps.v1.DaemonSet(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: names.nodeExporter },
      spec: {
        selector: { matchLabels: { ...selectorOf(identity) } },
        updateStrategy: { type: "RollingUpdate" },
        template: {
          metadata: {
            labels: { ...labelsOf(identity) },
            annotations: checksumAnnotations({
              config: config.checksum,
              certificate: tls.checksum,
            }),
          },
          spec: {
            serviceAccountName: createServiceAccount(name, common, parent),
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurity(),
            tolerations: [{ operator: "Exists" }],
            containers: [container(sizes[platform.scale].containers.nodeExporter)],
            volumes: [
              config.volume,
              tls.volume,
              ...folders.map(({ name: of, path }) => ({
                name: of,
                hostPath: { path, type: "Directory" },
              })),
            ],
          },
        },
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
}

function container(size: Resources): k8s.types.input.core.v1.Container {
  const open = { port: "https" };
  return {
    name: "node-exporter",
    image: images.nodeExporter,
    command: ["/bin/node_exporter"],
    args: [
      `--web.listen-address=0.0.0.0:${ports.nodeExporter}`,
      `--web.config.file=${webFile}`,
      `--path.procfs=${HOST}/proc`,
      `--path.sysfs=${HOST}/sys`,
      "--collector.disable-defaults",
      ...collectors.map((collector) => `--collector.${collector}`),
      `--collector.filesystem.mount-points-include=${DISK}`,
    ],
    ports: [{ name: "https", containerPort: ports.nodeExporter, protocol: "TCP" }],
    startupProbe: probe(open, { every: 2, failures: 30 }),
    livenessProbe: probe(open, { every: 30, failures: 3 }),
    readinessProbe: probe(open, { every: 10, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      ...ownMounts,
      ...folders.map(({ name, mountPath }) => ({
        name,
        mountPath,
        readOnly: true,
      })),
    ],
  };
}
