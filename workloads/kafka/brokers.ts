import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import { javaSecurity } from "../kit/java.ts";
import type { Identity, Labels } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import type { TlsSecret } from "../kit/tlsSecret.ts";
import { brokerAddresses, names, ports, renderLog4j, renderServerProperties } from "./config.ts";
import { agentContainer, brokerContainer, rackContainer, volumesOf } from "./containers.ts";
import { renderJmx } from "./jmx.ts";
import { grantNodeAccess } from "./rbac.ts";
import { sizeOf } from "./sizes.ts";

/** What the brokers are made of. */
export interface BrokersArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly platform: Platform;
  readonly zookeeper: Endpoint;
  /** Image of the agent. */
  readonly image: pulumi.Input<string>;
  readonly tls: TlsSecret;
  /** Labels of the pods that may talk to the brokers. */
  readonly accessLabels: Labels;
  /** Whose lag is measured, `group:topic` separated by commas. */
  readonly readers: string;
  readonly replicas: number;
  /** Heap in MiB; undefined: that of the platform's scale. */
  readonly heapMiB: number | undefined;
}

/**
 * Seconds to stop in. Controlled shutdown moves every leader to another broker first; it takes
 * seconds, and may not be cut off.
 */
const STOP_SECONDS = 120;

/** The brokers with their configuration, rights and policy. */
export function createBrokers(
  name: string,
  args: BrokersArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const { identity, namespace, platform, image, tls, replicas } = args;
  const common = { identity, namespace };
  const uses = [args.zookeeper];
  const connected = allowConnections(
    name,
    {
      ...common,
      purpose:
        "Brokers copy messages to each other, keep in ZooKeeper who leads what, and ask Kubernetes " +
        "for the zone of their node.",
      serves: { ports: [ports.kafka], accessLabels: args.accessLabels },
      peerPorts: [ports.kafka],
      uses,
      usesKubernetes: true,
    },
    parent,
  );
  const size = sizeOf(platform.scale, args.heapMiB);
  const files = {
    "server.properties": addressOf(args.zookeeper).apply((zookeeper) =>
      renderServerProperties({ zookeeper, internalPartitions: size.internalPartitions }),
    ),
    "log4j.properties": renderLog4j(),
    "java.security": javaSecurity,
    "jmx.yml": renderJmx(),
  };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const account = createServiceAccount(name, common, parent);
  return createStatefulService(
    name,
    {
      identity,
      namespace: connected,
      platform,
      serviceAccount: grantNodeAccess(name, common, account, parent),
      replicas,
      podName: names.service,
      serversName: names.servers,
      ports: { kafka: ports.kafka },
      podLabels: accessTo(uses),
      checksums: { config: config.checksum, certificate: tls.checksum },
      initContainers: [rackContainer(image)],
      containers: [
        brokerContainer(identity.version, size),
        agentContainer(image, brokerAddresses(replicas), args.readers),
      ],
      volumes: [config.volume, tls.volume, ...volumesOf()],
      data: { volume: "data", sizeGiB: size.dataGiB },
      stopSeconds: STOP_SECONDS,
    },
    parent,
  );
}
