import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { names } from "./config.ts";
import type { MemberCertificates } from "./identities.ts";

/** What the set-up makes, and where. */
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
/** Where the pod has its files, by the name of their volume. */
const paths = {
  config: `${FOLDER}/config`,
  secrets: `${FOLDER}/secrets`,
  reviewer: `${FOLDER}/reviewer`,
  tls: `${FOLDER}/tls`,
} as const;
/** Port of health. */
const HEALTH_PORT = 9090;
const size = { cpu: 0.02, cpuLimit: 1, memoryMiB: 128 };
/** Seconds to stop in: whatever is interrupted, the next one finishes. */
const STOP_SECONDS = 10;

/**
 * Makes policies, tokens and ways to log in, and the gossip key the only one; and keeps all but the
 * key so, since servers that have lost every volume know nothing of it any more. Its one pod is ready
 * when everything is there for the first time. It never meets one with another declaration: the old
 * one is gone before the new one starts.
 *
 * @returns the Deployment's name, known once everything is there
 */
export function keepSetUp(
  name: string,
  args: SetUpArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { identity, namespace, servers } = args;
  const common = { identity, namespace };
  const uses = [servers];
  const purpose = "The set-up makes and keeps the declared policies, tokens and logins in Consul.";
  const connected = allowConnections(name, { ...common, purpose, uses }, parent);
  const config = createConfigFiles(
    name,
    { ...common, files: { "acl.json": args.acl } },
    "config",
    parent,
  );
  const secrets = createSecretFiles(name, common, args.secrets, parent);
  const { volume: tls, checksum: certificate } = args.certificates.api;
  const reviewer = { secretName: args.reviewer, defaultMode: 0o440 };
  const deployment = new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: names.setUp },
      spec: {
        replicas: 1,
        selector: { matchLabels: { ...selectorOf(identity) } },
        strategy: { type: "Recreate" },
        progressDeadlineSeconds: 540,
        template: {
          metadata: {
            labels: { ...labelsOf(identity), ...accessTo(uses) },
            annotations: checksumAnnotations({
              config: config.checksum,
              secrets: secrets.checksum,
              certificate,
            }),
          },
          spec: {
            serviceAccountName: createServiceAccount(name, common, parent),
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurity(),
            terminationGracePeriodSeconds: STOP_SECONDS,
            containers: [containerOf(args)],
            volumes: [config.volume, secrets.volume, { name: "reviewer", secret: reviewer }, tls],
          },
        },
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
  return deployment.metadata.name;
}

function containerOf({ image, servers }: SetUpArgs): k8s.types.input.core.v1.Container {
  const live = { path: "/livez", port: "health" };
  return {
    name: "set-up",
    image,
    env: [
      { name: "CONSUL_ADDRESS", value: addressOf(servers) },
      { name: "CONSUL_CA_FILE", value: `${paths.tls}/ca.crt` },
      { name: "CONSUL_CERT_FILE", value: `${paths.tls}/tls.crt` },
      { name: "CONSUL_KEY_FILE", value: `${paths.tls}/tls.key` },
      { name: "ACL_FILE", value: `${paths.config}/acl.json` },
      { name: "SECRETS_FOLDER", value: paths.secrets },
      { name: "REVIEWER_FOLDER", value: paths.reviewer },
      { name: "ADMIN_PORT", value: `${HEALTH_PORT}` },
    ],
    ports: [{ name: "health", containerPort: HEALTH_PORT, protocol: "TCP" }],
    startupProbe: probe(live, { every: 1, failures: 60 }),
    livenessProbe: probe(live, { every: 10, failures: 3 }),
    readinessProbe: probe({ path: "/readyz", port: "health" }, { every: 1, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: Object.entries(paths).map(([name, mountPath]) => ({
      name,
      mountPath,
      readOnly: true,
    })),
  };
}
