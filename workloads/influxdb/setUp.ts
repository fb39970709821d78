import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../kit/endpoint.ts";
import { runJob } from "../kit/job.ts";
import type { Identity } from "../kit/labels.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";

/** What the set-up makes, and where. */
export interface SetUpArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly image: pulumi.Input<string>;
  readonly server: Endpoint;
  /** Certificate of the authority that signed the server, PEM. */
  readonly caPem: pulumi.Input<string>;
  /** wanted.json. */
  readonly wanted: string;
  /** Passwords by user. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
}

const FOLDER = "/etc/influx-setup";
const paths = { config: `${FOLDER}/config`, secrets: `${FOLDER}/secrets` } as const;
const size = { cpu: 0.01, cpuLimit: 1, memoryMiB: 128 };

/**
 * Makes users, retention policies and continuous queries, in a Job that runs again whenever they
 * are to be others.
 *
 * @returns the Job's name, known once everything is there
 */
export function runSetUp(
  name: string,
  args: SetUpArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, server } = args;
  const secrets = createSecretFiles(name, { identity, namespace }, args.passwords, parent);
  return runJob(
    name,
    {
      identity,
      namespace,
      purpose: "The set-up makes the declared users, retentions and queries in InfluxDB.",
      uses: [server],
      container: {
        name: "set-up",
        image: args.image,
        env: [
          { name: "INFLUX_HOST", value: server.host },
          { name: "INFLUX_PORT", value: `${server.port}` },
          { name: "INFLUX_CA_FILE", value: `${paths.config}/ca.pem` },
          { name: "WANTED_FILE", value: `${paths.config}/wanted.json` },
          { name: "SECRETS_FOLDER", value: paths.secrets },
        ],
      },
      size,
      config: { files: { "ca.pem": args.caPem, "wanted.json": args.wanted }, path: paths.config },
      volumes: [{ volume: secrets.volume, path: paths.secrets }],
      checksums: { secrets: secrets.checksum },
    },
    parent,
  );
}
