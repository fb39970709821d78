import type * as pulumi from "@pulumi/pulumi";
import { addressOf, type Endpoint } from "../kit/endpoint.ts";
import { runJob } from "../kit/job.ts";
import type { Identity } from "../kit/labels.ts";
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

/**
 * Creates and changes topics in a Job.
 *
 * @returns the Job's name, known once it is complete
 */
export function runTopicsJob(
  name: string,
  args: TopicsJobArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, kafka } = args;
  return runJob(
    name,
    {
      identity,
      namespace,
      purpose: "The Job makes the declared topics in Kafka.",
      uses: [kafka],
      container: {
        name: "topics",
        image: args.image,
        args: ["topics"],
        env: [
          { name: "TOPICS_FILE", value: `${paths.config}/topics.json` },
          ...agentEnv(addressOf(kafka)),
        ],
      },
      size: agentSize,
      config: { files: { "topics.json": args.topics }, path: paths.config },
      volumes: [{ volume: args.tls.volume, path: paths.tls }],
    },
    parent,
  );
}
