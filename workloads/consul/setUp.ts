import type * as pulumi from "@pulumi/pulumi";
import { addressOf, type Endpoint } from "../kit/endpoint.ts";
import { runJob } from "../kit/job.ts";
import type { Identity } from "../kit/labels.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import type { MemberCertificates } from "./identities.ts";

/** What the Job applies, and where. */
export interface SetUpArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly image: pulumi.Input<string>;
  /** API of the servers. */
  readonly servers: Endpoint;
  /** Certificates of the servers: who sets them up acts for them. */
  readonly certificates: MemberCertificates;
  /** acl.json. */
  readonly acl: string;
  /** Name of the Secret by which Consul asks Kubernetes about tokens. */
  readonly reviewer: pulumi.Input<string>;
  /** Secrets by the name of their file: management-token, gossip-key, and the fixed tokens. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

const FOLDER = "/etc/consul-setup";
/** Where the Job has its files. */
const paths = {
  config: `${FOLDER}/config`,
  secrets: `${FOLDER}/secrets`,
  reviewer: `${FOLDER}/reviewer`,
  tls: `${FOLDER}/tls`,
} as const;
const size = { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 };

/**
 * Makes policies, tokens and ways to log in, and the gossip key the only one, in a Job.
 *
 * @returns the Job's name, known once it is complete
 */
export function runSetUp(
  name: string,
  args: SetUpArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, servers } = args;
  const secrets = createSecretFiles(name, { identity, namespace }, args.secrets, parent);
  const reviewer = { secretName: args.reviewer, defaultMode: 0o440 };
  return runJob(
    name,
    {
      identity,
      namespace,
      purpose: "The Job makes the declared policies, tokens and logins in Consul.",
      uses: [servers],
      container: {
        name: "set-up",
        image: args.image,
        env: [
          { name: "CONSUL_ADDRESS", value: addressOf(servers) },
          { name: "CONSUL_CA_FILE", value: `${paths.tls}/ca.crt` },
          { name: "CONSUL_CERT_FILE", value: `${paths.tls}/tls.crt` },
          { name: "CONSUL_KEY_FILE", value: `${paths.tls}/tls.key` },
          { name: "ACL_FILE", value: `${paths.config}/acl.json` },
          { name: "SECRETS_FOLDER", value: paths.secrets },
          { name: "REVIEWER_FOLDER", value: paths.reviewer },
        ],
      },
      size,
      config: { files: { "acl.json": args.acl }, path: paths.config },
      volumes: [
        { volume: secrets.volume, path: paths.secrets },
        { volume: { name: "reviewer", secret: reviewer }, path: paths.reviewer },
        { volume: args.certificates.api.volume, path: paths.tls },
      ],
      checksums: { secrets: secrets.checksum },
    },
    parent,
  );
}
