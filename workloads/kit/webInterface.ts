import * as pulumi from "@pulumi/pulumi";
import { addressOf, type Endpoint } from "./endpoint.ts";

/** A server's pages for operators, over TLS. */
export interface WebInterface {
  readonly endpoint: Endpoint;
  /** Path of the first page, from `/` on. */
  readonly path: string;
}

/** URLs of first pages inside the cluster, by the name of the interface. */
export function urlsOf(
  interfaces: Readonly<Record<string, WebInterface>>,
): Readonly<Record<string, pulumi.Output<string>>> {
  return Object.fromEntries(
    Object.entries(interfaces).map(([name, { endpoint, path }]) => [
      name,
      pulumi.interpolate`https://${addressOf(endpoint)}${path}`,
    ]),
  );
}
