import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf, metadataOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, resources } from "../kit/pod.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
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

/** Seconds that the Job may take, and attempts. */
const DEADLINE = 540;
const ATTEMPTS = 5;

const FOLDER = "/etc/consul-setup";
const size = { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 };

/**
 * Makes policies, tokens and ways to log in, and the gossip key the only one, in a Job without a
 * name of its own, so that anything changed runs another one: a Job's template cannot be changed.
 *
 * @returns the Job's name, known once it is complete
 */
export function runSetUp(
  name: string,
  args: SetUpArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace } = args;
  const common = { identity, namespace };
  const uses = [args.servers];
  const purpose = "The Job makes the declared policies, tokens and logins in Consul.";
  const connected = allowConnections(name, { ...common, purpose, uses }, parent);
  const serviceAccountName = createServiceAccount(name, common, parent);
  const config = createConfigFiles(
    name,
    { ...common, files: { "acl.json": args.acl } },
    "config",
    parent,
  );
  const secrets = createSecretFiles(name, common, args.secrets, parent);
  const folders = ["config", "secrets", "reviewer", "tls"];
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
            annotations: checksumAnnotations({ secrets: secrets.checksum }),
          },
          spec: {
            serviceAccountName,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            restartPolicy: "Never",
            securityContext: podSecurity(),
            containers: [
              {
                name: "set-up",
                image: args.image,
                env: [
                  { name: "CONSUL_ADDRESS", value: addressOf(args.servers) },
                  { name: "CONSUL_CA_FILE", value: `${FOLDER}/tls/ca.crt` },
                  { name: "CONSUL_CERT_FILE", value: `${FOLDER}/tls/tls.crt` },
                  { name: "CONSUL_KEY_FILE", value: `${FOLDER}/tls/tls.key` },
                  { name: "ACL_FILE", value: `${FOLDER}/config/acl.json` },
                  { name: "SECRETS_FOLDER", value: `${FOLDER}/secrets` },
                  { name: "REVIEWER_FOLDER", value: `${FOLDER}/reviewer` },
                ],
                resources: resources(size),
                ...containerBasics(),
                volumeMounts: folders.map((folder) => ({
                  name: folder,
                  mountPath: `${FOLDER}/${folder}`,
                  readOnly: true,
                })),
              },
            ],
            volumes: [
              config.volume,
              secrets.volume,
              { name: "reviewer", secret: { secretName: args.reviewer, defaultMode: 0o440 } },
              args.certificates.api.volume,
            ],
          },
        },
      },
    },
    { parent, customTimeouts: { create: "10m", delete: "2m" } },
  );
  return job.metadata.name;
}
