import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { checksumAnnotations } from "./checksum.ts";
import { createConfigFiles } from "./configFiles.ts";
import { accessTo, type Endpoint } from "./endpoint.ts";
import { type Identity, labelsOf, metadataOf } from "./labels.ts";
import { allowConnections } from "./networkPolicy.ts";
import { containerBasics, podSecurity, type Resources, resources } from "./pod.ts";
import { createServiceAccount } from "./serviceAccount.ts";

/** What a Job does, and what it has for that. */
export interface JobArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** What it is there for, in one sentence for people. */
  readonly purpose: string;
  /** Servers that it talks to. */
  readonly uses: readonly Endpoint[];
  /** Its only container, without what every Job's has. */
  readonly container: Pick<k8s.types.input.core.v1.Container, "name" | "image" | "args" | "env">;
  readonly size: Resources;
  /** Configuration files, and the folder where the container finds them. */
  readonly config: {
    readonly files: Readonly<Record<string, pulumi.Input<string>>>;
    readonly path: string;
  };
  /** Further volumes, each with the folder where the container finds it. */
  readonly volumes: readonly {
    readonly volume: k8s.types.input.core.v1.Volume;
    readonly path: string;
  }[];
  /** Hashes of what is in those volumes; another one makes another Job. @default none */
  readonly checksums?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Attempts after the first. */
const ATTEMPTS = 5;
/** Seconds for all attempts: less than the engine waits, so that Kubernetes says why it failed. */
const DEADLINE = 540;
const TIMEOUTS: pulumi.CustomTimeouts = { create: "10m", delete: "2m" };

/**
 * Runs a program to its end, with a policy, a ServiceAccount and configuration files of its own. The
 * Job has no fixed name, so that anything changed runs another one: a Job's template cannot be
 * changed.
 *
 * @returns the Job's name, known once it is complete
 */
export function runJob(
  name: string,
  args: JobArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, purpose, uses } = args;
  const common = { identity, namespace };
  const connected = allowConnections(name, { ...common, purpose, uses }, parent);
  const serviceAccount = createServiceAccount(name, common, parent);
  const { files, path } = args.config;
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const mounted = [{ volume: config.volume, path }, ...args.volumes];
  const job = new k8s.batch.v1.Job(
    name,
    {
      metadata: metadataOf(identity, connected),
      spec: {
        backoffLimit: ATTEMPTS,
        activeDeadlineSeconds: DEADLINE,
        template: {
          metadata: {
            labels: { ...labelsOf(identity), ...accessTo(uses) },
            ...(args.checksums ? { annotations: checksumAnnotations(args.checksums) } : {}),
          },
          spec: {
            serviceAccountName: serviceAccount,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            restartPolicy: "Never",
            securityContext: podSecurity(),
            containers: [
              {
                ...args.container,
                resources: resources(args.size),
                ...containerBasics(),
                volumeMounts: mounted.map(({ volume, path: mountPath }) => ({
                  name: volume.name,
                  mountPath,
                  readOnly: true,
                })),
              },
            ],
            volumes: mounted.map(({ volume }) => volume),
          },
        },
      },
    },
    { parent, customTimeouts: TIMEOUTS },
  );
  return job.metadata.name;
}
