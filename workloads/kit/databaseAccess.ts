import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "./endpoint.ts";

/** The right to use a database of PostgreSQL as its owner, wherever it stands. */
export interface DatabaseAccess {
  /** Where it is; TLS alone. */
  readonly endpoint: Endpoint;
  /** Name in the server's certificate, where the endpoint's host is another name of the server. */
  readonly tlsName: pulumi.Input<string>;
  /** Certificate of the authority that signed the server, PEM. */
  readonly caPem: pulumi.Input<string>;
  /** Name of the database. */
  readonly name: string;
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}
