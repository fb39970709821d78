import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import type { Endpoint } from "../kit/endpoint.ts";
import { labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { podSecurity } from "../kit/pod.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import {
  dnsPorts,
  gossipPorts,
  names,
  ports,
  renderAgent,
  renderAgentReady,
  renderCurl,
  renderSecrets,
  sizes,
} from "./config.ts";
import { agentContainer } from "./containers.ts";
import { checksumsOf, volumesOf } from "./identities.ts";
import type { MembersArgs } from "./servers.ts";

/** What the client agents are made of. */
export interface AgentsArgs extends MembersArgs {
  /** Token of the name service. */
  readonly dnsToken: pulumi.Output<string>;
  /** The servers, where they take what agents tell and ask them. */
  readonly servers: Endpoint;
}

/** Seconds to stop in: to say that it leaves, and with it what was registered with it. */
const STOP_SECONDS = 20;

/**
 * A client agent on every node, which the pods of that node register with. A new one is there before
 * the old one goes: pods find it at once, and what they registered is registered again.
 */
export function createAgents(
  name: string,
  args: AgentsArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.DaemonSet {
  const { identity, namespace, platform, certificates } = args;
  const common = { identity, namespace };
  const connected = connectAgents(name, args, parent);
  const files = { "agent.json": renderAgent(args), curl: renderCurl() };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const secrets = createSecretFiles(name, args, { "secrets.json": secretsOf(args) }, parent);
  createNameService(name, { ...args, namespace: connected }, parent);
  const selector = selectorOf(identity);
  return new k8s.apps.v1.DaemonSet(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: names.agents },
      spec: {
        selector: { matchLabels: { ...selector } },
        updateStrategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
        },
        template: {
          metadata: {
            labels: { ...labelsOf(identity), ...args.memberLabels },
            annotations: checksumAnnotations({
              config: config.checksum,
              secrets: secrets.checksum,
              ...checksumsOf(certificates),
            }),
          },
          spec: {
            serviceAccountName: createServiceAccount(name, common, parent),
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurity(),
            terminationGracePeriodSeconds: STOP_SECONDS,
            containers: [
              agentContainer({
                version: identity.version,
                size: sizes[platform.scale].agent,
                ready: renderAgentReady(),
                ports: { https: ports.https, dns: ports.dns, serflan: ports.serfLan },
                env: [],
              }),
            ],
            volumes: [
              config.volume,
              secrets.volume,
              ...volumesOf(certificates),
              // What is registered is registered again: nothing here outlives the pod.
              { name: "data", emptyDir: { sizeLimit: "256Mi" } },
              { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
            ],
          },
        },
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
}

/** The agents' network policy; the namespace for their pods. */
function connectAgents(
  name: string,
  { identity, namespace, servers, accessLabels, memberLabels }: AgentsArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  return allowConnections(
    name,
    {
      identity,
      namespace,
      purpose:
        "Consul's agents take what the pods of their node register, tell the servers, and look " +
        "whether those pods are well.",
      serves: { ports: [ports.https, ...dnsPorts], accessLabels },
      uses: [servers],
      peerPorts: gossipPorts,
      peers: memberLabels,
      checks: accessLabels,
    },
    parent,
  );
}

function secretsOf({ gossipKey, agentToken, dnsToken }: AgentsArgs): pulumi.Output<string> {
  return pulumi
    .all([gossipKey, agentToken, dnsToken])
    .apply(([key, agent, dns]) => renderSecrets({ gossipKey: key, tokens: { agent, dns } }));
}

/** The agents' name service on the port where resolvers ask, led to the agent of the own node. */
function createNameService(
  name: string,
  { identity, namespace }: Pick<MembersArgs, "identity" | "namespace">,
  parent: pulumi.Resource,
) {
  new k8s.core.v1.Service(
    `${name}-dns`,
    {
      metadata: {
        ...metadataOf(identity, namespace),
        name: names.dns,
        // It is there before the agents; whoever asks comes after them.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        internalTrafficPolicy: "Local",
        selector: { ...selectorOf(identity) },
        ports: ["UDP", "TCP"].map((protocol) => ({
          name: `dns-${protocol.toLowerCase()}`,
          port: 53,
          targetPort: ports.dns,
          protocol,
        })),
      },
    },
    { parent },
  );
}
