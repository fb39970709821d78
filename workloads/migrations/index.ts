import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { appVersion } from "../../infra/versions.ts";
import type { DatabaseAccess } from "../kit/databaseAccess.ts";
import { runJob } from "../kit/job.ts";
import { createNamespace } from "../kit/namespace.ts";
import { createSecretFiles } from "../kit/secretFiles.ts";
import { envOf, paths, size } from "./config.ts";

/** What the migrations need. */
export interface MigrationsArgs {
  /** Where they run, and where their image comes from. */
  readonly platform: Platform;
  /** What they are applied to, as its owner. */
  readonly database: DatabaseAccess;
}

const NAMESPACE = "migrations";

/**
 * Applies the SQL files of `apps/migrate/sql` that a database lacks, in a Job that runs again
 * whenever there are other files. What depends on this component comes after the Job is complete.
 */
export class Migrations extends pulumi.ComponentResource {
  constructor(name: string, args: MigrationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "web-greetings:migrations:Migrations",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const { platform, database } = args;
    const identity = { name: "migrations", instance: name, component: "run", version: appVersion };
    const namespace = createNamespace(NAMESPACE, { platform, holdsData: false }, this);
    const secrets = createSecretFiles(
      name,
      { identity, namespace },
      { password: database.password },
      this,
    );
    runJob(
      name,
      {
        identity,
        namespace,
        purpose: "The Job brings the database's tables up to date.",
        uses: [database.endpoint],
        container: { name: "run", image: platform.image("migrate"), env: envOf(database) },
        size,
        config: { files: { "ca.pem": database.caPem }, path: paths.config },
        volumes: [{ volume: secrets.volume, path: paths.secrets }],
        checksums: { secrets: secrets.checksum },
      },
      this,
    );
    this.registerOutputs({});
  }
}
