import { checkServerIdentity } from "node:tls";
import { Client } from "pg";
import { describeError, isFinal } from "./errors.ts";

/** Where the database is, and as whom to come. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Name in the server's certificate: the host may be another name of the same server. */
  readonly tlsName: string;
  /** PEM of the authorities, one of which signed the server. */
  readonly ca: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Longest time of one statement. */
  readonly statementTimeoutMs: number;
  /** Longest time that one statement waits for a lock on a table. */
  readonly tableLockTimeoutMs: number;
}

/** How long to go on trying. */
export interface Patience {
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Told why it waits, each reason once in a row. */
  readonly say: (line: string) => void;
}

const ATTEMPT_MS = 10_000;
const PAUSE_MS = 500;

/**
 * A session that the server itself keeps within bounds. As settings of its start they are what
 * `reset all` goes back to, whatever a file has set. A run that was killed, or whose node is gone, is
 * noticed within seconds also in the middle of a statement, so that the next one need not wait for it.
 */
function boundsOf({ statementTimeoutMs, tableLockTimeoutMs }: Target): string {
  const bounds = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: tableLockTimeoutMs,
    client_connection_check_interval: "2s",
    tcp_keepalives_idle: "20s",
    tcp_keepalives_interval: "5s",
    tcp_keepalives_count: 3,
  };
  return Object.entries(bounds)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

async function attempt(target: Target): Promise<Client> {
  const { host, port, database, user, password, ca, tlsName } = target;
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    ssl: { ca, checkServerIdentity: (_host, peer) => checkServerIdentity(tlsName, peer) },
    application_name: "web-greetings-migrate",
    options: boundsOf(target),
    connectionTimeoutMillis: ATTEMPT_MS,
    keepAlive: true,
  });
  // A connection that is lost fails the next query, which says so.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/**
 * Connects by TLS, trying again while the server is away or starting.
 *
 * @throws Error at once when trying again cannot help (certificate, password, no such database),
 *   otherwise with the last reason when the deadline has passed
 */
export async function connect(target: Target, patience: Patience): Promise<Client> {
  const end = patience.now() + patience.deadlineMs;
  let last = "";
  for (;;) {
    try {
      return await attempt(target);
    } catch (error) {
      const reason = describeError(error);
      const where = `database ${target.database} at ${target.host}:${target.port}`;
      if (isFinal(error)) throw new Error(`${where}: ${reason}`);
      if (patience.now() >= end) throw new Error(`${where}: not reached in time: ${reason}`);
      if (reason !== last) patience.say(`waiting: ${where}: ${reason}`);
      last = reason;
    }
    await patience.pause(PAUSE_MS);
  }
}
