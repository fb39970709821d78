import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { until } from "../../../until.ts";
import { makeCertificates } from "../../certificates.ts";
import { findPostgres } from "../../postgres.ts";
import { Trial } from "../trial.ts";

const committed = resolve(__dirname, "../../../../apps/migrate/sql");
/** Names and seconds of a line, so that runs can be compared. */
const withoutTimes = (said: readonly string[]) =>
  said.map((line) => line.replace(/\d+\.\d\d s/, "T s"));

describe("the migrations on a real PostgreSQL", function () {
  this.timeout(120_000);
  let trial: Trial;

  before(async function () {
    const programs = findPostgres();
    if (!programs) {
      console.log("      skipped: needs PostgreSQL 14 or later; run make sandbox-up");
      return this.skip();
    }
    trial = await Trial.begin(programs);
  });
  after(() => trial?.end());
  beforeEach(() => trial.renew());

  it("lay our own foundation, and are done the second time", async () => {
    const said = await trial.succeed(committed);
    assert.equal(said[0]?.replace(/\d+\.\d\d/, "T"), "0001-foundation.sql: applied in T s");
    const count = (await trial.versions()).length;
    assert.equal(said.at(-1), `${count} migrations, ${count} of them new`);
    assert.deepEqual(await trial.succeed(committed), [`${count} migrations, 0 of them new`]);
    const [rights] = await trial.query<Record<string, boolean>>(
      `select has_schema_privilege('pg_monitor', 'public', 'create') as makes,
        has_database_privilege('pg_monitor', current_database(), 'connect') as enters,
        to_regnamespace('greetings') is not null as schema`,
    );
    assert.deepEqual(rights, { makes: false, enters: false, schema: true });
  });

  it("are applied once and in order where two run at the same time, five times over", async () => {
    const files: Record<string, string> = {
      "0001-log.sql": "create table log (id serial, file int, tls boolean)",
    };
    for (let number = 2; number <= 20; number += 1) {
      files[`${String(number).padStart(4, "0")}-more.sql`] =
        `insert into log (file, tls) select ${number}, ssl from pg_stat_ssl ` +
        "where pid = pg_backend_pid(); select pg_sleep(0.01)";
    }
    const folder = trial.folderOf(files);
    for (let round = 1; round <= 5; round += 1) {
      await trial.renew();
      const ends = await Promise.all([trial.start(folder).ended, trial.start(folder).ended]);
      assert.deepEqual(
        ends.map(({ code, failure }) => [code, failure]),
        [
          [0, ""],
          [0, ""],
        ],
      );
      assert.deepEqual(ends.map(({ said }) => said.at(-1)).sort(), [
        "20 migrations, 0 of them new",
        "20 migrations, 20 of them new",
      ]);
      const rows = await trial.query<{ file: number; tls: boolean }>(
        "select file, tls from log order by id",
      );
      const wanted = Array.from({ length: 19 }, (_, index) => ({ file: index + 2, tls: true }));
      assert.deepEqual(rows, wanted);
    }
  });

  it("go on where a run was killed in the middle of a file, as soon as the server knows", async () => {
    const folder = trial.folderOf({
      "0001-pace.sql": "create table pace as select 300 as seconds; create table log (file int)",
      "0002-slow.sql": "insert into log values (2); select pg_sleep(seconds) from pace",
      "0003-last.sql": "insert into log values (3)",
    });
    const killed = trial.start(folder, { STATEMENT_TIMEOUT_MS: "600000" });
    await until("the second file is under way", 30, () => {
      return trial
        .query("select 1 from pg_stat_activity where wait_event = 'PgSleep'")
        .then(({ length }) => length === 1);
    });
    killed.process.kill("SIGKILL");
    assert.equal((await killed.ended).code, null);
    assert.deepEqual(await trial.versions(), [1]);
    await trial.query("update pace set seconds = 0");
    const begin = performance.now();
    const said = await trial.succeed(folder);
    const seconds = (performance.now() - begin) / 1000;
    assert.deepEqual(withoutTimes(said), [
      "0002-slow.sql: applied in T s",
      "0003-last.sql: applied in T s",
      "3 migrations, 2 of them new",
    ]);
    assert.deepEqual(await trial.query("select file from log"), [{ file: 2 }, { file: 3 }]);
    // The statement of the killed run had 300 s to go.
    assert.ok(seconds < 20, `${seconds} s`);
    console.log(`      taken over ${seconds.toFixed(1)} s after the kill`);
  });

  it("refuse a file that was changed, and apply nothing that comes after it", async () => {
    const files = { "0001-a.sql": "create table a ()", "0002-b.sql": "create table b ()" };
    await trial.succeed(trial.folderOf(files));
    const changed = {
      ...files,
      "0001-a.sql": "create table aa ()",
      "0003-c.sql": "create table c ()",
    };
    assert.match(
      await trial.fail(trial.folderOf(changed)),
      /^0001-a\.sql: changed after it was applied \(checksum [0-9a-f]{12}, applied [0-9a-f]{12}\); put it back as it was, and make the change in a new file$/,
    );
    assert.deepEqual(await trial.versions(), [1, 2]);
    assert.deepEqual(await trial.succeed(trial.folderOf({ "0001-a.sql": files["0001-a.sql"] })), [
      "0002-b.sql: applied by a later release",
      "1 migrations, 0 of them new",
    ]);
  });

  it("leave nothing of a file that fails, and name its line; settings of a file end with it", async () => {
    const files = {
      "0001-a.sql": "create table a (); set search_path = 'nowhere'; set lock_timeout = 1",
      "0002-b.sql": "create table b ();\ninsert into b values (1);\n",
    };
    const failure = await trial.fail(trial.folderOf(files));
    const reason = "INSERT has more expressions than target columns (42601)";
    assert.equal(failure, `0002-b.sql: line 2: ${reason}`);
    assert.deepEqual(await trial.versions(), [1]);
    assert.equal((await trial.query("select 1 from pg_tables where tablename = 'b'")).length, 0);
    const mended = { ...files, "0002-b.sql": "create table public.b ()" };
    assert.equal(
      (await trial.succeed(trial.folderOf(mended))).at(-1),
      "2 migrations, 1 of them new",
    );
  });

  it("say so when a file ends its transaction itself", async () => {
    const files = { "0001-a.sql": "create table a (); commit; begin; create table b ()" };
    assert.equal(
      await trial.fail(trial.folderOf(files)),
      "0001-a.sql: ended its transaction itself, so that what it did until then stays; " +
        "undo that by hand, and take commit and rollback out of the file",
    );
    assert.deepEqual(await trial.versions(), []);
  });

  it("bound a statement, its wait for a table, and the wait for another run", async () => {
    const slow = trial.folderOf({ "0001-a.sql": "select pg_sleep(60)" });
    assert.equal(
      await trial.fail(slow, { STATEMENT_TIMEOUT_MS: "200" }),
      "0001-a.sql: canceling statement due to statement timeout (57014)",
    );
    const other = await trial.server.connect(trial.database);
    await other.query("create table busy ()");
    await other.query("begin; lock table busy");
    const busy = trial.folderOf({ "0001-a.sql": "drop table busy" });
    assert.equal(
      await trial.fail(busy, { TABLE_LOCK_TIMEOUT_MS: "200" }),
      "0001-a.sql: canceling statement due to lock timeout (55P03)",
    );
    await other.query(
      "select pg_advisory_lock(hashtextextended('web-greetings/schema_migrations', 0))",
    );
    assert.equal(
      await trial.fail(busy, { LOCK_DEADLINE_MS: "200" }),
      "another run has been at it for 200 ms; look what it waits for",
    );
    await other.end();
  });

  it("wait for a server that is away, up to a deadline", async () => {
    const folder = trial.folderOf({ "0001-a.sql": "create table a ()" });
    await trial.server.stop();
    try {
      const where = `database ${trial.database} at 127.0.0.1:${trial.server.port}`;
      const reason = `connect ECONNREFUSED 127.0.0.1:${trial.server.port}`;
      assert.equal(
        await trial.fail(folder, { CONNECT_DEADLINE_MS: "1000" }),
        `${where}: not reached in time: ${reason}`,
      );
      const waiting = trial.start(folder);
      await until("it waits", 20, () => waiting.stdout() !== "");
      await trial.server.start();
      const { code, said } = await waiting.ended;
      assert.equal(code, 0);
      assert.equal(said[0], `waiting: ${where}: ${reason}`);
      assert.equal(said.at(-1), "1 migrations, 1 of them new");
    } finally {
      await trial.server.stop();
      await trial.server.start();
    }
  });

  it("tell their password to nobody but the server that was meant", async () => {
    const folder = trial.folderOf({ "0001-a.sql": "create table a ()" });
    const where = `database ${trial.database} at 127.0.0.1:${trial.server.port}`;
    const named = await trial.fail(folder, { DATABASE_TLS_NAME: "db.example" });
    assert.ok(
      named.startsWith(`${where}: Hostname/IP does not match certificate's altnames: `),
      named,
    );
    const stranger = join(trial.scratch, "stranger");
    mkdirSync(stranger, { recursive: true });
    const DATABASE_CA_FILE = makeCertificates(stranger).server.caFile;
    const unknown = await trial.fail(folder, { DATABASE_CA_FILE });
    const code = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    assert.ok(unknown.startsWith(`${where}: unable to verify the first certificate`), unknown);
    assert.ok(unknown.endsWith(`(${code})`), unknown);
    const wrong = join(trial.scratch, "wrong");
    writeFileSync(wrong, "another");
    assert.equal(
      await trial.fail(folder, { DATABASE_PASSWORD_FILE: wrong }),
      `${where}: password authentication failed for user "postgres" (28P01)`,
    );
  });
});
