import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Database, Platform } from "../../infra/platform.ts";
import type { DatabaseAccess } from "../kit/databaseAccess.ts";
import { accessLabelsFor } from "../kit/endpoint.ts";
import { metadataOf } from "../kit/labels.ts";
import { createNamespace } from "../kit/namespace.ts";

/** What is needed to reach a database of the platform. */
export interface ManagedDatabaseArgs {
  /** Where its clients run. */
  readonly platform: Platform;
  /** The database; it stands outside the cluster. */
  readonly database: Database;
}

const NAMESPACE = "database";

/**
 * A database of the platform under a name of the cluster's: clients know the service and nothing of
 * where the platform has put it. There are no pods; who carries the access labels gets out to it.
 */
export class ManagedDatabase extends pulumi.ComponentResource {
  /** For clients. Known once the database can be reached. */
  readonly access: DatabaseAccess;

  constructor(name: string, args: ManagedDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "web-greetings:database:ManagedDatabase",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const { platform, database } = args;
    const { version } = database;
    const identity = { name: "postgresql", instance: name, component: "database", version };
    const namespace = createNamespace(NAMESPACE, { platform, holdsData: false }, this);
    const service = new k8s.core.v1.Service(
      name,
      {
        metadata: { ...metadataOf(identity, namespace), name: database.name },
        spec: { type: "ExternalName", externalName: database.host },
      },
      { parent: this },
    );
    this.access = {
      endpoint: {
        host: pulumi.interpolate`${service.metadata.name}.${namespace}.svc`,
        port: database.port,
        tls: true,
        accessLabels: accessLabelsFor("database"),
        server: { cidrs: database.cidrs },
      },
      tlsName: database.host,
      caPem: database.caPem,
      name: database.name,
      user: database.user,
      password: database.password,
    };
    this.registerOutputs({ host: this.access.endpoint.host });
  }
}
