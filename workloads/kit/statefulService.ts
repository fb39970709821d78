import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { checksumAnnotations } from "./checksum.ts";
import { limitDisruption } from "./disruption.ts";
import { type Identity, type Labels, metadataOf, selectorOf } from "./labels.ts";
import { podSecurity, spread } from "./pod.ts";
import { ROLLOUT } from "./rollout.ts";

/** Servers with a name and a volume each. */
export interface StatefulServiceArgs {
  readonly identity: Identity;
  readonly platform: Platform;
  readonly namespace: pulumi.Input<string>;
  /** Name of its ServiceAccount. */
  readonly serviceAccount: pulumi.Input<string>;
  /** How many. */
  readonly replicas: number;
  /** Name of the StatefulSet, so that its pods are `<name>-0`, `<name>-1`, ... */
  readonly podName: string;
  /** Name of the headless service, so that a pod is `<pod>.<this>.<namespace>.svc`. */
  readonly serversName: string;
  /** Named ports that peers or clients reach each server at. */
  readonly ports: Readonly<Record<string, number>>;
  /** Further labels of the pods: what they may access. */
  readonly podLabels: Labels;
  /** Hashes of all that the pods read at their start; another one rolls them. */
  readonly checksums: Readonly<Record<string, pulumi.Input<string>>>;
  readonly initContainers: readonly k8s.types.input.core.v1.Container[];
  readonly containers: readonly k8s.types.input.core.v1.Container[];
  readonly volumes: readonly k8s.types.input.core.v1.Volume[];
  readonly data: {
    /** Name of each server's own volume. */
    readonly volume: string;
    readonly sizeGiB: number;
    /** Whether the volumes outlive the servers. @default as the platform retains data */
    readonly isKept?: boolean;
  };
  /** Seconds that a server has to stop in. */
  readonly stopSeconds: number;
}

/**
 * A StatefulSet with its headless service and disruption budget. All servers start at once (a quorum
 * needs a majority before anyone is ready); changes roll one by one, each waiting until the one
 * before is ready: so a server may be ready only when the others could do without the next.
 */
export function createStatefulService(
  name: string,
  args: StatefulServiceArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const { identity, namespace } = args;
  const selector = selectorOf(identity);
  const servers = createServersService(name, args, parent);
  if (args.replicas > 1) {
    limitDisruption(name, { identity, namespace }, parent);
  }
  return new k8s.apps.v1.StatefulSet(
    name,
    {
      metadata: { ...metadataOf(identity, namespace), name: args.podName },
      spec: {
        serviceName: servers.metadata.name,
        replicas: args.replicas,
        selector: { matchLabels: { ...selector } },
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "RollingUpdate" },
        persistentVolumeClaimRetentionPolicy: {
          whenDeleted: (args.data.isKept ?? args.platform.retain) ? "Retain" : "Delete",
          // Fewer servers for a while must not cost the data of those that come back.
          whenScaled: "Retain",
        },
        template: podTemplate(args),
        volumeClaimTemplates: [volumeClaim(args)],
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
}

function createServersService(name: string, args: StatefulServiceArgs, parent: pulumi.Resource) {
  const metadata = metadataOf(args.identity, args.namespace);
  return new k8s.core.v1.Service(
    `${name}-servers`,
    {
      metadata: {
        ...metadata,
        name: args.serversName,
        // The engine would wait for pods behind the service, and the pods wait for its name.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        clusterIP: "None",
        // Servers must find each other in order to become ready.
        publishNotReadyAddresses: true,
        selector: { ...selectorOf(args.identity) },
        ports: Object.entries(args.ports).map(([port, number]) => ({
          name: port,
          port: number,
          targetPort: port,
          protocol: "TCP",
        })),
      },
    },
    { parent },
  );
}

function podTemplate(args: StatefulServiceArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const selector = selectorOf(args.identity);
  return {
    metadata: {
      labels: {
        ...selector,
        "app.kubernetes.io/version": args.identity.version,
        ...args.podLabels,
      },
      annotations: checksumAnnotations(args.checksums),
    },
    spec: {
      serviceAccountName: args.serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurity(),
      terminationGracePeriodSeconds: args.stopSeconds,
      topologySpreadConstraints: spread(selector, args.platform.scale),
      initContainers: [...args.initContainers],
      containers: [...args.containers],
      volumes: [...args.volumes],
    },
  };
}

function volumeClaim(args: StatefulServiceArgs): k8s.types.input.core.v1.PersistentVolumeClaim {
  const storageClassName = args.platform.storageClass("fast");
  return {
    // Without the version: claim templates cannot be changed once they are there.
    metadata: { name: args.data.volume, labels: { ...selectorOf(args.identity) } },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: `${args.data.sizeGiB}Gi` } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  };
}
