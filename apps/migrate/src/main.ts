import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { settingsOrExit } from "../../shared/settings.ts";
import { connect } from "./connect.ts";
import { describeError } from "./errors.ts";
import { readMigrations } from "./files.ts";
import { migrate } from "./migrate.ts";
import { readMigrateSettings } from "./settings.ts";

/** Applies the SQL files that the database lacks. */
async function main(): Promise<void> {
  const settings = settingsOrExit(readMigrateSettings);
  const migrations = readMigrations(settings.SQL_FOLDER);
  const now = () => performance.now();
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const client = await connect(
    {
      host: settings.DATABASE_HOST,
      port: settings.DATABASE_PORT,
      tlsName: settings.DATABASE_TLS_NAME,
      ca: readFileSync(settings.DATABASE_CA_FILE, "utf8"),
      database: settings.DATABASE_NAME,
      user: settings.DATABASE_USER,
      password: readFileSync(settings.DATABASE_PASSWORD_FILE, "utf8").trim(),
      statementTimeoutMs: settings.STATEMENT_TIMEOUT_MS,
      tableLockTimeoutMs: settings.TABLE_LOCK_TIMEOUT_MS,
    },
    { deadlineMs: settings.CONNECT_DEADLINE_MS, now, pause: (ms) => pause(ms), say },
  );
  try {
    await migrate(client, migrations, { lockDeadlineMs: settings.LOCK_DEADLINE_MS, now, say });
  } finally {
    // Nothing is left to be said to the server, and it may be gone.
    await client.end().catch(() => undefined);
  }
}

// As the first process of its container it would not be ended by this otherwise.
process.once("SIGTERM", () => process.exit(143));
main().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
