import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../../../apps/build.ts";
import { defaultRetentions, renderWanted } from "../../../../workloads/influxdb/wanted.ts";
import { freePort } from "../../broker.ts";
import { makeCertificates } from "../../certificates.ts";
import { type Influxd, startInfluxd } from "../influxd.ts";
import { findInfluxd } from "../program.ts";

type Environment = Readonly<Record<string, string>>;

describe("the set-up of InfluxDB as it runs in its image", function () {
  this.timeout(120_000);
  let influxd: Influxd;
  let program: string;
  const folder = mkdtempSync(join(tmpdir(), "influx-setup-"));

  before(async function () {
    const found = await findInfluxd();
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    program = join(bundle("influx-setup"), "main.cjs");
    writeFileSync(join(folder, "wanted.json"), renderWanted(defaultRetentions));
    for (const user of ["admin", "telegraf", "grafana"]) {
      writeFileSync(join(folder, user), `password-of-${user}\n`);
    }
    influxd = await startInfluxd();
  });
  after(async () => {
    await influxd?.remove();
    rmSync(folder, { recursive: true });
  });

  const start = (wishes: Environment = {}) => {
    const child = spawn(process.execPath, [program], {
      env: {
        INFLUX_HOST: "localhost",
        INFLUX_PORT: `${influxd.port}`,
        INFLUX_CA_FILE: influxd.caFile,
        WANTED_FILE: join(folder, "wanted.json"),
        SECRETS_FOLDER: folder,
        ...wishes,
      },
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
    });
    return new Promise<{ code: number | null; said: string[]; failure: string }>((resolve) =>
      child.once("close", (code) =>
        resolve({ code, said: out.split("\n").filter(Boolean), failure: err.trim() }),
      ),
    );
  };

  it("sets up, and has nothing to do the second time", async () => {
    const first = await start();
    assert.deepEqual([first.code, first.failure, first.said.at(-1)], [0, "", "all is as declared"]);
    assert.equal(first.said.length, 9);
    assert.deepEqual(await start(), { code: 0, said: ["all is as declared"], failure: "" });
  });

  it("waits for a server that is away, and says so", async () => {
    await influxd.stop();
    const run = start();
    await influxd.start();
    assert.deepEqual((await run).code, 0);
    const port = `${await freePort()}`;
    const { code, said, failure } = await start({ INFLUX_PORT: port, CONNECT_DEADLINE_MS: "1000" });
    assert.equal(code, 1);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /^waiting: .*ECONNREFUSED/);
    assert.match(failure, /^InfluxDB: not reached in time: .*ECONNREFUSED/);
  });

  it("fails at once where the server is signed by another authority", async () => {
    const strange = mkdtempSync(join(folder, "strange-"));
    const { caFile } = makeCertificates(strange).server;
    const { code, failure } = await start({ INFLUX_CA_FILE: caFile });
    assert.equal(code, 1);
    assert.match(
      failure,
      /^InfluxDB: .*\((UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE)\)$/,
    );
  });

  it("fails with every setting that is missing", async () => {
    const { code, failure } = await start({ INFLUX_HOST: "", WANTED_FILE: "" });
    assert.equal(code, 1);
    assert.deepEqual(failure.split("\n").sort(), [
      "setting INFLUX_HOST: missing, but required",
      "setting WANTED_FILE: missing, but required",
    ]);
  });

  it("fails with what is wrong in wanted.json", async () => {
    const file = join(folder, "wrong.json");
    const wanted = JSON.parse(renderWanted(defaultRetentions));
    wanted.users[0].right = "ALL";
    writeFileSync(file, JSON.stringify(wanted));
    const { code, failure } = await start({ WANTED_FILE: file });
    assert.equal(code, 1);
    assert.match(failure, /^wanted\.json: users\.0\.right: /);
  });
});
