import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "./endpoint.ts";
import { type Identity, type Labels, metadataOf, selectorOf } from "./labels.ts";
import type { Port } from "./port.ts";
import { ROLLOUT } from "./rollout.ts";

/** A server's way in for its clients. */
export interface ClientServiceArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Output<string>;
  /** Name of the service, and so the first part of the host's. */
  readonly service: string;
  /** The port, and the name that the containers give it. */
  readonly port: { readonly name: string; readonly number: number };
  /** Ports besides that one that clients may use, by other services. @default none */
  readonly morePorts?: readonly Port[];
  /** Labels that the server's network policy admits. */
  readonly accessLabels: Labels;
  /** The servers; whoever is handed the endpoint comes after them. */
  readonly servers: k8s.apps.v1.StatefulSet | k8s.apps.v1.DaemonSet | k8s.apps.v1.Deployment;
  /** False: the servers speak in the clear. @default true */
  readonly tls?: boolean;
  /** Whom clients are led to: any server, or the one of their own node. @default "any" */
  readonly leadsTo?: "any" | "sameNode";
}

/**
 * A service over those of a server's pods that are ready, as an endpoint. It comes after the servers:
 * the engine waits for a service's pods, and on few processors works on so few resources at once
 * that services alone, waiting for pods that have no turn, would keep it waiting for ever.
 */
export function serveClients(
  name: string,
  args: ClientServiceArgs,
  parent: pulumi.Resource,
): Endpoint {
  const { identity, namespace, port, accessLabels } = args;
  const labels = selectorOf(identity);
  const ports = [{ name: port.name, port: port.number, targetPort: port.name, protocol: "TCP" }];
  const service = new k8s.core.v1.Service(
    name,
    {
      metadata: { ...metadataOf(identity, namespace), name: args.service },
      spec: {
        type: "ClusterIP",
        selector: { ...labels },
        ports,
        ...(args.leadsTo === "sameNode" ? { internalTrafficPolicy: "Local" } : {}),
      },
    },
    { parent, customTimeouts: ROLLOUT, dependsOn: [args.servers] },
  );
  return {
    host: pulumi
      .all([service.metadata.name, namespace, args.servers.metadata.name])
      .apply(([host, inside]) => `${host}.${inside}.svc`),
    port: port.number,
    ...(args.morePorts ? { morePorts: args.morePorts } : {}),
    tls: args.tls ?? true,
    accessLabels,
    server: { namespace, labels },
  };
}
