import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { createConfigFiles } from "../kit/configFiles.ts";
import { accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf, metadataOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, resources } from "../kit/pod.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import type { TlsSecret } from "../kit/tlsSecret.ts";
import { agentEnv, paths } from "./config.ts";
import { agentSize } from "./sizes.ts";

/** What the Job applies, and where. */
export interface TopicsJobArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly image: pulumi.Input<string>;
  readonly kafka: Endpoint;
  /** Certificate of the brokers themselves: who changes topics acts for them. */
  readonly tls: TlsSecret;
  /** topics.json. */
  readonly topics: string;
}

/** Seconds that the Job may take, and attempts. */
const DEADLINE = 540;
const ATTEMPTS = 5;

/**
 * Creates and changes topics in a Job without a name of its own, so that changed topics run another
 * one: a Job's template cannot be changed.
 *
 * @returns the Job's name, known once it is complete
 */
export function runTopicsJob(
  name: string,
  args: TopicsJobArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, tls } = args;
  const common = { identity, namespace };
  const uses = [args.kafka];
  const purpose = "The Job makes the declared topics in Kafka.";
  const connected = allowConnections(name, { ...common, purpose, uses }, parent);
  const serviceAccount = createServiceAccount(name, common, parent);
  const files = { "topics.json": args.topics };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const job = new k8s.batch.v1.Job(
    name,
    {
      metadata: metadataOf(identity, connected),
      spec: {
        backoffLimit: ATTEMPTS,
        activeDeadlineSeconds: DEADLINE,
        template: {
          metadata: { labels: { ...labelsOf(identity), ...accessTo(uses) } },
          spec: {
            serviceAccountName: serviceAccount,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            restartPolicy: "Never",
            securityContext: podSecurity(),
            containers: [
              {
                name: "topics",
                image: args.image,
                args: ["topics"],
                env: [
                  { name: "TOPICS_FILE", value: `${paths.config}/topics.json` },
                  ...agentEnv(addressOf(args.kafka)),
                ],
                resources: resources(agentSize),
                ...containerBasics(),
                volumeMounts: [
                  { name: "config", mountPath: paths.config, readOnly: true },
                  { name: "tls", mountPath: paths.tls, readOnly: true },
                ],
              },
            ],
            volumes: [config.volume, tls.volume],
          },
        },
      },
    },
    { parent, customTimeouts: { create: "10m", delete: "2m" } },
  );
  return job.metadata.name;
}
