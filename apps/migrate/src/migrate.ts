import type { Client } from "pg";
import { codeOf, describeError, LOCK_NOT_AVAILABLE, lineOf } from "./errors.ts";
import { type Applied, type Migration, pendingOf } from "./files.ts";

/** How a run goes about it. */
export interface RunOptions {
  /** How long to wait for another run. */
  readonly lockDeadlineMs: number;
  readonly now: () => number;
  readonly say: (line: string) => void;
}

const TABLE = `create table if not exists public.schema_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  seconds double precision not null
)`;
/** The lock is the session's: it ends with it, however that ends. */
const LOCK = "select pg_advisory_lock(hashtextextended('web-greetings/schema_migrations', 0))";
/** Back to how the session began, whatever a file has set. */
const AFRESH = "reset role; reset all";

/**
 * Brings a database up to these migrations: each once, in order, in a transaction of its own
 * together with the line that says so. One run at a time; another waits, and finds nothing to do.
 *
 * @throws Error naming the file that cannot be applied; nothing of it is left, unless it ended its
 *   transaction itself, which the error says then
 */
export async function migrate(
  client: Client,
  migrations: readonly Migration[],
  { lockDeadlineMs, now, say }: RunOptions,
): Promise<void> {
  await lock(client, lockDeadlineMs);
  await client.query(TABLE);
  const { rows } = await client.query<Applied>(
    "select version, name, checksum from public.schema_migrations order by version",
  );
  const pending = pendingOf(migrations, rows);
  for (const { name } of rows.slice(migrations.length)) say(`${name}: applied by a later release`);
  for (const migration of pending) {
    const seconds = await apply(client, migration, now);
    say(`${migration.name}: applied in ${seconds.toFixed(2)} s`);
  }
  say(`${migrations.length} migrations, ${pending.length} of them new`);
}

async function lock(client: Client, deadlineMs: number): Promise<void> {
  try {
    await client.query(`set lock_timeout = ${deadlineMs}; set statement_timeout = 0`);
    await client.query(LOCK);
    await client.query(AFRESH);
  } catch (error) {
    if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    throw new Error(`another run has been at it for ${deadlineMs} ms; look what it waits for`);
  }
}

/** @returns the seconds that it took */
async function apply(client: Client, migration: Migration, now: () => number): Promise<number> {
  const { version, name, sql, checksum } = migration;
  const begin = now();
  try {
    await client.query("begin");
    const transaction = await currentTransaction(client);
    await client.query(sql);
    if ((await currentTransaction(client)) !== transaction) {
      throw new Error(
        "ended its transaction itself, so that what it did until then stays; " +
          "undo that by hand, and take commit and rollback out of the file",
      );
    }
    await client.query(AFRESH);
    const seconds = (now() - begin) / 1000;
    await client.query(
      "insert into public.schema_migrations (version, name, checksum, seconds) values ($1, $2, $3, $4)",
      [version, name, checksum, seconds],
    );
    await client.query("commit");
    return seconds;
  } catch (error) {
    // Where the connection is gone, the server rolls back by itself.
    await client.query("rollback").catch(() => undefined);
    const line = lineOf(error, sql);
    const where = line === undefined ? name : `${name}: line ${line}`;
    throw new Error(`${where}: ${describeError(error)}`, { cause: error });
  }
}

async function currentTransaction(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ readonly id: string }>(
    "select pg_current_xact_id()::text as id",
  );
  return rows[0]?.id;
}
