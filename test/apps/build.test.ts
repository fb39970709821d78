import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { apps, bundle } from "../../apps/build.ts";

const root = resolve(__dirname, "../../apps");

/** Everything in a build context that an image can depend on. */
function snapshot(context: string): unknown {
  return readdirSync(context).map((name) => {
    const { mtimeMs, mode } = statSync(join(context, name));
    return [name, mtimeMs, mode & 0o777, readFileSync(join(context, name))];
  });
}

describe("the bundle of", function () {
  this.timeout(60_000);
  for (const app of apps) {
    it(`${app} is a Dockerfile and one small file, and what else it needs, the same each time`, () => {
      writeFileSync(join(bundle(app), "0001-gone.sql"), "select 1");
      const context = bundle(app);
      const first = snapshot(context);
      const sql = app === "migrate" ? readdirSync(join(root, app, "sql")) : [];
      const jars = app === "kafka-agent" ? ["jmx.jar"] : [];
      assert.deepEqual(readdirSync(context).sort(), [...sql, "Dockerfile", ...jars, "main.cjs"]);
      assert.ok(statSync(join(context, "main.cjs")).size < 5 * 1024 * 1024);
      assert.deepEqual(snapshot(bundle(app)), first);
      assert.ok(!readFileSync(join(context, "main.cjs"), "utf8").includes(process.cwd()));
    });
  }

  it("every app is built by the one Dockerfile, unless it needs another", () => {
    const common = readFileSync(join(root, "Dockerfile"), "utf8");
    for (const app of apps) {
      const own = join(root, app, "Dockerfile");
      const wanted = existsSync(own) ? readFileSync(own, "utf8") : common;
      assert.equal(readFileSync(join(bundle(app), "Dockerfile"), "utf8"), wanted, app);
      assert.ok(!existsSync(own) || wanted !== common, `${app} has a copy of the common one`);
    }
  });

  const brokers = "setting KAFKA_BROKERS: missing, but required\n";
  for (const { app, args, status, stderr } of [
    { app: "api", args: [], status: 1, stderr: brokers },
    { app: "worker", args: [], status: 1, stderr: brokers },
    {
      app: "kafka-agent",
      args: ["topics"],
      status: 1,
      stderr: `${brokers}setting TOPICS_FILE: missing, but required\n`,
    },
    {
      app: "kafka-agent",
      args: ["toString"],
      status: 2,
      stderr: 'unknown command "toString", allowed: rack, watch, topics\n',
    },
  ] as const) {
    it(`${[app, ...args].join(" ")} ends at once where it cannot run, and says why`, () => {
      const file = join(bundle(app), "main.cjs");
      const ended = spawnSync(process.execPath, [file, ...args], { env: {}, encoding: "utf8" });
      assert.deepEqual([ended.status, ended.stdout, ended.stderr], [status, "", stderr]);
    });
  }
});
