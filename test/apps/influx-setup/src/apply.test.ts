import assert from "node:assert/strict";
import { applyWanted } from "../../../../apps/influx-setup/src/apply.ts";
import { type Ask, type Login, Refusal } from "../../../../apps/influx-setup/src/ask.ts";
import { parseWanted, type Wanted } from "../../../../apps/influx-setup/src/wanted.ts";
import { defaultRetentions, renderWanted } from "../../../../workloads/influxdb/wanted.ts";
import { until } from "../../../until.ts";
import { type Influxd, startInfluxd } from "../influxd.ts";
import { findInfluxd } from "../program.ts";

/** What the stack wants by itself. */
const declared = parseWanted(renderWanted(defaultRetentions));

/** A password with everything that a statement could trip over. */
const odd = 'it\'s \\ "odd"; DROP DATABASE telegraf';

describe("the set-up on a real InfluxDB", function () {
  this.timeout(120_000);
  let influxd: Influxd;
  let passwords: Record<string, string>;

  const login = (user: string): Login => ({ user, password: passwords[user] ?? "" });
  const admin = (statement: string) => influxd.ask(statement, login("admin"));
  /** Sets up; every line that was said. */
  const setUp = async (wanted: Wanted = declared, ask: Ask = influxd.ask): Promise<string[]> => {
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    await applyWanted(ask, wanted, { password: (user) => passwords[user] ?? "", say });
    return said;
  };
  const column = async (statement: string, name: string) =>
    (await admin(statement)).map((row) => row[name]);
  const reasonOf = (asked: Promise<unknown>) =>
    asked.then(
      () => "no error",
      (error: unknown) =>
        error instanceof Refusal ? `${error.status} ${error.message}` : String(error),
    );

  beforeEach(async function () {
    const found = await findInfluxd();
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    passwords = { admin: odd, telegraf: "writer-1", grafana: "reader-1" };
    influxd = await startInfluxd();
  });
  afterEach(() => influxd?.remove());

  it("makes everything, and changes nothing the second time", async () => {
    assert.deepEqual(await setUp(), [
      "admin: made",
      "database telegraf: made",
      "retention policy year: made",
      "user telegraf: made",
      "user telegraf: WRITE on telegraf given",
      "user grafana: made",
      "user grafana: READ on telegraf given",
      "continuous query to_year: made",
    ]);
    assert.deepEqual(await setUp(), []);
    const policies = await admin('SHOW RETENTION POLICIES ON "telegraf"');
    assert.deepEqual(
      policies.map((p) => [p.name, p.duration, p.shardGroupDuration, p.default]),
      [
        ["week", "168h0m0s", "24h0m0s", true],
        ["year", "8760h0m0s", "168h0m0s", false],
      ],
    );
    assert.deepEqual(await column("SHOW USERS", "user"), ["admin", "telegraf", "grafana"]);
    assert.deepEqual(await column("SHOW USERS", "admin"), [true, false, false]);
  });

  it("lets the writer write and not read, and the reader read and not write", async () => {
    await setUp();
    const points = "cpu,host=a usage_idle=1";
    assert.equal(await influxd.write(points, login("telegraf")), 204);
    assert.equal(await influxd.write(points, login("grafana")), 403);
    assert.equal(await influxd.write(points, { user: "telegraf", password: "wrong" }), 401);
    const select = "SELECT usage_idle FROM telegraf.week.cpu";
    assert.match(
      await reasonOf(influxd.ask(select, login("telegraf"))),
      /^403 .*not authorized to execute statement/,
    );
    const [row] = await influxd.ask(select, login("grafana"));
    assert.equal(row?.usage_idle, 1);
    for (const user of ["telegraf", "grafana"]) {
      assert.match(
        await reasonOf(influxd.ask("SHOW USERS", login(user))),
        /^403 .*requires admin privilege/,
        user,
      );
    }
    assert.match(await reasonOf(influxd.ask("SHOW DATABASES")), /^401 /);
  });

  it("goes on where a run was cut off, after whichever change that was", async () => {
    /** Asks, but never hears of the change of that number, nor of anything after it. */
    const fragile = (cut: number): { readonly ask: Ask; readonly changes: () => number } => {
      let changes = 0;
      const ask: Ask = async (statement, ...rest) => {
        if (changes >= cut) throw new Error("cut off");
        const isChange = !statement.startsWith("SHOW");
        if (isChange) changes += 1;
        const answer = await influxd.ask(statement, ...rest);
        if (isChange && changes >= cut) throw new Error("cut off");
        return answer;
      };
      return { ask, changes: () => changes };
    };
    const whole = fragile(Number.POSITIVE_INFINITY);
    await setUp(declared, whole.ask);
    for (let cut = 1; cut <= whole.changes(); cut += 1) {
      await influxd.remove();
      influxd = await startInfluxd();
      await assert.rejects(setUp(declared, fragile(cut).ask), /^Error: cut off$/, `${cut}`);
      await setUp();
      assert.deepEqual(await setUp(), [], `cut off after ${cut}`);
    }
    console.log(`      cut off after each of ${whole.changes()} changes`);
  });

  it("gives users new passwords, and takes back what they should not have", async () => {
    await setUp();
    passwords = { ...passwords, telegraf: odd };
    await admin("GRANT ALL PRIVILEGES TO grafana");
    await admin('GRANT ALL ON "telegraf" TO "grafana"');
    await admin('CREATE DATABASE "other"');
    await admin('GRANT READ ON "other" TO "telegraf"');
    await admin("CREATE USER somebody WITH PASSWORD 'x' WITH ALL PRIVILEGES");
    assert.deepEqual(await setUp(), [
      "user telegraf: has another password now",
      "user telegraf: READ on other taken away",
      "user grafana: may do everything no longer",
      "user grafana: ALL PRIVILEGES on telegraf taken away",
      "user grafana: READ on telegraf given",
      "user somebody: deleted",
    ]);
    assert.deepEqual(await setUp(), []);
    assert.equal(await influxd.write("cpu value=1", login("telegraf")), 204);
    const old = { user: "telegraf", password: "writer-1" };
    assert.equal(await influxd.write("cpu value=1", old), 401);
  });

  it("changes how long points are kept, and keeps policies that are not wanted", async () => {
    await setUp();
    const days = [
      { name: "year", days: 730 },
      { name: "month", days: 30, everyMinutes: 1 },
      { name: "week", days: 1, everyMinutes: 10 },
    ];
    const changed = parseWanted(renderWanted(days));
    assert.deepEqual(await setUp(changed), [
      "retention policy year: changed",
      "retention policy month: made",
      "retention policy week: changed",
      "continuous query to_year: deleted",
      "continuous query to_month: made",
      "continuous query to_week: made",
    ]);
    assert.deepEqual(await setUp(changed), []);
    const policies = await admin('SHOW RETENTION POLICIES ON "telegraf"');
    assert.deepEqual(policies.map((p) => [p.name, p.duration, p.default]).sort(), [
      ["month", "720h0m0s", false],
      ["week", "24h0m0s", false],
      ["year", "17520h0m0s", true],
    ]);
    const fewer = parseWanted(renderWanted(days.slice(0, 1)));
    assert.deepEqual((await setUp(fewer)).sort(), [
      "continuous query to_month: deleted",
      "continuous query to_week: deleted",
    ]);
    assert.equal((await admin('SHOW RETENTION POLICIES ON "telegraf"')).length, 3);
  });

  it("fails where the admin has another password or InfluxDB asks for none, and not afterwards", async () => {
    await setUp();
    passwords = { ...passwords, admin: "another" };
    await assert.rejects(
      setUp(),
      new Error(
        "admin: InfluxDB knows another password than this stack's, which it takes at its start; " +
          "restart influxdb-0, then run this again, see docs/runbooks/influxdb.md",
      ),
    );
    await influxd.stop();
    await influxd.start({ "auth-enabled = true": "auth-enabled = false" });
    await assert.rejects(
      setUp(),
      new Error("InfluxDB asks nobody for a password: its auth-enabled must be true"),
    );
    for (const user of ["admin", "telegraf", "grafana"]) await influxd.ask(`DROP USER ${user}`);
    await influxd.stop();
    await influxd.start();
    assert.deepEqual(await setUp(), [
      "admin: made",
      "user telegraf: made",
      "user telegraf: WRITE on telegraf given",
      "user grafana: made",
      "user grafana: READ on telegraf given",
    ]);
  });

  it("names what was refused, and tells no password", async () => {
    const [first, ...rest] = declared.retentions;
    assert.ok(first);
    const wrong = { ...declared, retentions: [first, ...rest.map((r) => ({ ...r, hours: 1 }))] };
    assert.equal(
      await reasonOf(setUp(wrong)),
      "Error: retention policy year: InfluxDB refused (200): " +
        "retention policy duration must be greater than the shard duration",
    );
    const broken = [{ name: "to_year", statement: "CREATE NONSENSE" }];
    assert.match(
      await reasonOf(setUp({ ...declared, continuousQueries: broken })),
      /^Error: continuous queries: InfluxDB refused \(400\): error parsing query: found NONSENSE/,
    );
  });

  it("keeps means of what came late", async () => {
    const [query] = declared.continuousQueries;
    assert.ok(query);
    // As declared, but often: nobody waits for half an hour here.
    const statement = query.statement
      .replace("EVERY 30m", "EVERY 1s")
      .replace("time(5m)", "time(1s)");
    await setUp({ ...declared, continuousQueries: [{ ...query, statement }] });
    const late = BigInt(Date.now() - 100 * 60_000) * 1_000_000n;
    const points = [1n, 2n]
      .map((n) => `cpu,host=a usage_idle=${n},note="x" ${late + n}`)
      .join("\n");
    assert.equal(await influxd.write(points, login("telegraf")), 204);
    const [row] = await until("the mean is there", 30, async () => {
      const rows = await influxd.ask("SELECT * FROM telegraf.year.cpu", login("grafana"));
      return rows.length > 0 && rows;
    });
    const { series, host, mean_usage_idle } = row ?? {};
    assert.deepEqual(
      { series, host, mean_usage_idle },
      { series: "cpu", host: "a", mean_usage_idle: 1.5 },
    );
  });
});
