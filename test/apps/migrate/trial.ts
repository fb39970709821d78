import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../../apps/build.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { outputsOf } from "../processes.ts";

/** Environment variables by name. */
type Environment = Readonly<Record<string, string>>;

/** How a run ended. */
export interface End {
  /** Exit code; null: it was killed. */
  readonly code: number | null;
  /** Lines of its output. */
  readonly said: readonly string[];
  /** Its last words on standard error. */
  readonly failure: string;
}

/** One run of the program, as it runs in its image. */
export interface Run {
  readonly process: ChildProcess;
  stdout(): string;
  readonly ended: Promise<End>;
}

/** The program and a real server for it. */
export class Trial {
  readonly server: Postgres;
  /** Folder for files of a test. */
  readonly scratch: string;
  /** The database that runs are for. */
  database = "postgres";
  readonly #program: string;

  private constructor(server: Postgres) {
    this.server = server;
    this.scratch = mkdtempSync(join(tmpdir(), "migrate-"));
    this.#program = join(bundle("migrate"), "main.cjs");
  }

  /** @param programs folder of PostgreSQL's programs */
  static async begin(programs: string): Promise<Trial> {
    return new Trial(await startPostgres(programs));
  }

  async end(): Promise<void> {
    await this.server.remove();
    rmSync(this.scratch, { recursive: true });
  }

  /** Runs are for an empty database from now on. */
  async renew(): Promise<void> {
    this.database = await this.server.createDatabase();
  }

  /** A folder with these files. */
  folderOf(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.scratch, "sql-"));
    for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
    return folder;
  }

  start(folder: string, wishes: Environment = {}): Run {
    const child = spawn(process.execPath, [this.#program], {
      env: {
        DATABASE_HOST: "127.0.0.1",
        DATABASE_PORT: `${this.server.port}`,
        DATABASE_TLS_NAME: "localhost",
        DATABASE_CA_FILE: this.server.caFile,
        DATABASE_NAME: this.database,
        DATABASE_USER: "postgres",
        DATABASE_PASSWORD_FILE: this.server.passwordFile,
        SQL_FOLDER: folder,
        ...wishes,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { stdout, stderr } = outputsOf(child);
    const ended = new Promise<End>((resolve) =>
      child.once("close", (code) =>
        resolve({ code, said: stdout().split("\n").filter(Boolean), failure: stderr().trim() }),
      ),
    );
    return { process: child, stdout, ended };
  }

  /** Runs to the end, which must be a good one; the lines of its output. */
  async succeed(folder: string, wishes?: Environment): Promise<readonly string[]> {
    const { code, said, failure } = await this.start(folder, wishes).ended;
    assert.deepEqual([code, failure], [0, ""]);
    return said;
  }

  /** Runs to the end, which must be a bad one; its last words. */
  async fail(folder: string, wishes?: Environment): Promise<string> {
    const { code, failure } = await this.start(folder, wishes).ended;
    assert.equal(code, 1);
    return failure;
  }

  query<Row>(sql: string): Promise<Row[]> {
    return this.server.query<Row>(this.database, sql);
  }

  /** Numbers of the migrations that the database has. */
  async versions(): Promise<number[]> {
    const rows = await this.query<{ readonly version: number }>(
      "select version from public.schema_migrations order by version",
    );
    return rows.map(({ version }) => version);
  }
}
