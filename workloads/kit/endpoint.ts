import * as pulumi from "@pulumi/pulumi";
import type { Labels } from "./labels.ts";
import type { Port } from "./port.ts";

/** Pods that serve. */
export interface ServingPods {
  readonly namespace: pulumi.Input<string>;
  readonly labels: Labels;
}

/** What is no pod: it is somewhere in these blocks of addresses, at least one. */
export interface Outside {
  readonly cidrs: readonly string[];
}

/**
 * The right to talk to a server, and all that a client needs for it. Whoever was not handed one can
 * neither name the server nor get through its network policy.
 */
export interface Endpoint {
  /** DNS name inside the cluster. Known once the server answers, so that clients come after it. */
  readonly host: pulumi.Output<string>;
  readonly port: number;
  /** Further ports of the same server that a client may use. @default none */
  readonly morePorts?: readonly Port[];
  /** True: TLS, and where pods serve, with a certificate of the stack's authority on both sides. */
  readonly tls: boolean;
  /** Labels for the client's pods: the server's network policy admits the pods that carry them. */
  readonly accessLabels: Labels;
  /** Where the server is, for the client's own network policy. */
  readonly server: ServingPods | Outside;
}

/** `host:port` of an endpoint. */
export function addressOf(endpoint: Endpoint): pulumi.Output<string> {
  return pulumi.interpolate`${endpoint.host}:${endpoint.port}`;
}

/** The access labels of a server: one label that says by its key what the pod may talk to. */
export function accessLabelsFor(server: string): Labels {
  return { [`access.web-greetings/${server}`]: "true" };
}

/** All labels that the pods of a client of these endpoints must carry. */
export function accessTo(endpoints: readonly Endpoint[]): Labels {
  return Object.assign({}, ...endpoints.map((endpoint) => endpoint.accessLabels));
}
