import { join } from "node:path";
import { type Environment, readSettings, text, wholeNumber } from "../../shared/settings.ts";

/**
 * Settings of the migrations.
 *
 * | variable               | meaning                                                     | default    |
 * |------------------------|-------------------------------------------------------------|------------|
 * | DATABASE_HOST          | where PostgreSQL is                                         | (required) |
 * | DATABASE_PORT          | its port                                                    | 5432       |
 * | DATABASE_TLS_NAME      | name in the server's certificate                            | DATABASE_HOST |
 * | DATABASE_CA_FILE       | PEM file of the authorities, one of which signed the server | (required) |
 * | DATABASE_NAME          | name of the database                                        | (required) |
 * | DATABASE_USER          | its owner                                                   | (required) |
 * | DATABASE_PASSWORD_FILE | file with the owner's password                              | (required) |
 * | SQL_FOLDER             | folder of the files                                         | `sql` beside the program |
 * | CONNECT_DEADLINE_MS    | how long to try to reach the server                         | 120000     |
 * | LOCK_DEADLINE_MS       | how long to wait for another run                            | 300000     |
 * | STATEMENT_TIMEOUT_MS   | how long one statement may take                             | 300000     |
 * | TABLE_LOCK_TIMEOUT_MS  | how long one statement may wait for others who use a table  | 10000      |
 */
export function readMigrateSettings(environment: Environment) {
  const found = readSettings(
    {
      DATABASE_HOST: text,
      DATABASE_PORT: wholeNumber(1, 65535).default(5432),
      DATABASE_TLS_NAME: text.optional(),
      DATABASE_CA_FILE: text,
      DATABASE_NAME: text,
      DATABASE_USER: text,
      DATABASE_PASSWORD_FILE: text,
      SQL_FOLDER: text.default(join(__dirname, "sql")),
      CONNECT_DEADLINE_MS: wholeNumber(1000, 3_600_000).default(120_000),
      LOCK_DEADLINE_MS: wholeNumber(100, 3_600_000).default(300_000),
      STATEMENT_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(300_000),
      TABLE_LOCK_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(10_000),
    },
    environment,
  );
  return { ...found, DATABASE_TLS_NAME: found.DATABASE_TLS_NAME ?? found.DATABASE_HOST };
}

export type MigrateSettings = ReturnType<typeof readMigrateSettings>;
