import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import type { Identity, Labels } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import {
  DATA_GIB,
  names,
  paths,
  ports,
  renderCurl,
  renderSecrets,
  renderServer,
  renderServerReady,
  serverPorts,
  sizes,
} from "./config.ts";
import { agentContainer } from "./containers.ts";
import { checksumsOf, type MemberCertificates, volumesOf } from "./identities.ts";

/** What servers and client agents share. */
export interface MembersArgs {
  readonly identity: Identity;
  readonly platform: Platform;
  readonly namespace: pulumi.Input<string>;
  readonly datacenter: string;
  readonly domain: string;
  readonly certificates: MemberCertificates;
  /** Key of the gossip, 32 bytes in base64. */
  readonly gossipKey: pulumi.Output<string>;
  readonly agentToken: pulumi.Output<string>;
  /** Labels of the pods that may ask for the API. */
  readonly accessLabels: Labels;
  /** Labels by which members let each other in. */
  readonly memberLabels: Labels;
}

/** What the servers are made of. */
export interface ServersArgs extends MembersArgs {
  readonly replicas: number;
  /** Token that may do everything. */
  readonly managementToken: pulumi.Output<string>;
}

/**
 * Seconds to stop in: a leader hands over, the server leaves, and what it was asked is answered.
 */
const STOP_SECONDS = 30;

/** The servers with their configuration, secrets and policy. */
export function createServers(
  name: string,
  args: ServersArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const { identity, namespace, platform, certificates, replicas } = args;
  const common = { identity, namespace };
  const connected = allowConnections(
    name,
    {
      ...common,
      purpose:
        "Consul's servers keep what its agents tell them, and ask Kubernetes whose token it is " +
        "that somebody logs in with.",
      serves: { ports: [ports.https], accessLabels: args.accessLabels },
      peerPorts: serverPorts,
      peers: args.memberLabels,
      usesKubernetes: true,
    },
    parent,
  );
  const files = { "server.json": renderServer(args), curl: renderCurl() };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const secrets = createSecrets(name, args, parent);
  return createStatefulService(
    name,
    {
      identity,
      namespace: connected,
      platform,
      serviceAccount: createServiceAccount(name, common, parent),
      replicas,
      podName: names.servers,
      serversName: names.members,
      ports: {
        https: ports.https,
        "grpc-tls": ports.grpcTls,
        server: ports.server,
        serflan: ports.serfLan,
        serfwan: ports.serfWan,
      },
      podLabels: args.memberLabels,
      checksums: {
        config: config.checksum,
        secrets: secrets.checksum,
        ...checksumsOf(certificates),
      },
      initContainers: [],
      containers: [
        agentContainer({
          version: identity.version,
          size: sizes[platform.scale].server,
          ready: renderServerReady(),
          ports: {
            https: ports.https,
            "grpc-tls": ports.grpcTls,
            server: ports.server,
            serflan: ports.serfLan,
            serfwan: ports.serfWan,
          },
          env: cliSettings,
        }),
      ],
      volumes: [
        config.volume,
        secrets.volume,
        ...volumesOf(certificates),
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
      data: { volume: "data", sizeGiB: DATA_GIB },
      stopSeconds: STOP_SECONDS,
    },
    parent,
  );
}

/** So that `consul ...`, run in a server's container, reaches it and may do everything. */
const cliSettings = [
  { name: "CONSUL_HTTP_ADDR", value: `https://localhost:${ports.https}` },
  { name: "CONSUL_CACERT", value: `${paths.tls}/ca.crt` },
  { name: "CONSUL_CLIENT_CERT", value: `${paths.tls}/tls.crt` },
  { name: "CONSUL_CLIENT_KEY", value: `${paths.tls}/tls.key` },
  { name: "CONSUL_HTTP_TOKEN_FILE", value: `${paths.secrets}/token` },
];

/** secrets.json, and the management token as the probe and the command line take it. */
function createSecrets(name: string, args: ServersArgs, parent: pulumi.Resource) {
  const { gossipKey, agentToken, managementToken } = args;
  const secrets = pulumi
    .all([gossipKey, managementToken, agentToken])
    .apply(([key, initial_management, agent]) =>
      renderSecrets({ gossipKey: key, tokens: { initial_management, agent } }),
    );
  return createSecretFiles(
    name,
    args,
    {
      "secrets.json": secrets,
      token: managementToken,
      header: pulumi.interpolate`X-Consul-Token: ${managementToken}\n`,
    },
    parent,
  );
}
