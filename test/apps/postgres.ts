import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Client } from "pg";
import { until } from "../until.ts";
import { freePort } from "./broker.ts";
import { makeCertificates } from "./certificates.ts";

/** A server of PostgreSQL on loopback, which takes connections by TLS and password alone. */
export interface Postgres {
  readonly port: number;
  /** Files of its authority and of its owner's password. */
  readonly caFile: string;
  readonly passwordFile: string;
  /** Makes an empty database, and says its name. */
  createDatabase(): Promise<string>;
  /** Rows of a query, as the owner. */
  query<Row>(database: string, sql: string): Promise<Row[]>;
  /** A session of the owner, to be ended by who asked for it. */
  connect(database: string): Promise<Client>;
  /** Starts it after it was stopped. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Debian keeps the programs off the PATH. */
const DEBIAN = "/usr/lib/postgresql";
/** PostgreSQL does not run as root. */
const NOBODY = 65_534;

/** Folder of the programs of PostgreSQL 14 or later, undefined where there is none. */
export function findPostgres(): string | undefined {
  const debian = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map((one) => join(DEBIAN, one, "bin"))
    : [];
  return [...(process.env.PATH ?? "").split(delimiter), ...debian].find((folder) => {
    if (!existsSync(join(folder, "initdb"))) return false;
    const { stdout } = spawnSync(join(folder, "postgres"), ["--version"], { encoding: "utf8" });
    return Number(/\) (\d+)/.exec(stdout ?? "")?.[1]) >= 14;
  });
}

function user(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/** Lays out the data of a server, readable by whom it runs as; where its files are. */
function layOut(programs: string) {
  const home = mkdtempSync(join(tmpdir(), "postgres-"));
  // The server's own user has to get in.
  chmodSync(home, 0o755);
  const { server } = makeCertificates(home);
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, "trial-password\n", { mode: 0o644 });
  const data = join(home, "data");
  mkdirSync(data);
  const { uid, gid } = user();
  if (uid !== undefined && gid !== undefined) chownSync(data, uid, gid);
  const auth = ["--auth=scram-sha-256", "--username=postgres", `--pwfile=${passwordFile}`];
  const args = ["--pgdata", data, "--no-sync", "--encoding=UTF8", "--locale=C", ...auth];
  execFileSync(join(programs, "initdb"), args, { stdio: "ignore", cwd: data, ...user() });
  for (const file of [server.certFile, server.keyFile]) {
    const copy = join(data, file === server.keyFile ? "server.key" : "server.crt");
    copyFileSync(file, copy);
    chmodSync(copy, 0o600);
    if (uid !== undefined && gid !== undefined) chownSync(copy, uid, gid);
  }
  writeFileSync(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  return { home, data, passwordFile, caFile: server.caFile };
}

/** Starts a server with data of its own, from the programs in a folder. */
export async function startPostgres(programs: string): Promise<Postgres> {
  const { home, data, passwordFile, caFile } = layOut(programs);
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    ssl: "on",
    fsync: "off",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let server: ChildProcess | undefined;
  process.once("exit", () => server?.kill("SIGQUIT"));
  const connect = async (database: string): Promise<Client> => {
    const client = new Client({
      host: "localhost",
      port,
      database,
      user: "postgres",
      password: readFileSync(passwordFile, "utf8").trim(),
      ssl: { ca: readFileSync(caFile, "utf8") },
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  const query = async <Row>(database: string, sql: string): Promise<Row[]> => {
    const client = await connect(database);
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  let databases = 0;
  const self: Postgres = {
    port,
    caFile,
    passwordFile,
    connect,
    query,
    createDatabase: async () => {
      databases += 1;
      const name = `trial_${databases}`;
      await query("postgres", `create database ${name}`);
      return name;
    },
    start: async () => {
      server = spawn(join(programs, "postgres"), ["-D", data, ...args], {
        stdio: "ignore",
        cwd: data,
        ...user(),
      });
      await until("PostgreSQL answers", 30, () => query("postgres", "select 1"));
    },
    stop: async () => {
      const running = server;
      if (!running || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGINT");
      await ended;
    },
    remove: async () => {
      await self.stop();
      rmSync(home, { recursive: true });
    },
  };
  await self.start();
  return self;
}
