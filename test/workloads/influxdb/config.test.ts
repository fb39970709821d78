import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { renderInfluxdbConf } from "../../../workloads/influxdb/config.ts";
import { type Influxd, startInfluxd } from "../../apps/influx-setup/influxd.ts";
import { findInfluxd } from "../../apps/influx-setup/program.ts";

describe("influxdb.conf", () => {
  it("is this text", () => {
    assert.equal(
      renderInfluxdbConf({ cacheMiB: 64 }),
      `reporting-disabled = true
bind-address = "127.0.0.1:8088"
[meta]
  dir = "/var/lib/influxdb/meta"
[data]
  dir = "/var/lib/influxdb/data"
  wal-dir = "/var/lib/influxdb/wal"
  index-version = "tsi1"
  query-log-enabled = false
  cache-max-memory-size = "64m"
  cache-snapshot-memory-size = "16m"
[coordinator]
  query-timeout = "60s"
  max-concurrent-queries = 20
[http]
  bind-address = ":8086"
  auth-enabled = true
  https-enabled = true
  https-certificate = "/tls/tls.crt"
  https-private-key = "/tls/tls.key"
  log-enabled = false
  pprof-enabled = false
  max-connection-limit = 200
[subscriber]
  enabled = false
[monitor]
  store-enabled = false
[continuous_queries]
  log-enabled = false
`,
    );
  });
});

describe("a real InfluxDB with that", function () {
  this.timeout(60_000);
  let influxd: Influxd;

  before(async function () {
    const found = await findInfluxd();
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    influxd = await startInfluxd();
  });
  after(() => influxd?.remove());

  /** Status and text of a page, for somebody without a certificate and without a name. */
  const page = (path: string) =>
    new Promise<readonly [number, string]>((resolve, reject) => {
      const ca = readFileSync(influxd.caFile);
      get({ host: "localhost", port: influxd.port, ca, path, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () => resolve([response.statusCode ?? 0, text]));
      }).once("error", reject);
    });

  it("answers probes, Prometheus and Telegraf, who have no user", async () => {
    assert.deepEqual(await page("/ping"), [204, ""]);
    const [status, metrics] = await page("/metrics");
    assert.equal(status, 200);
    assert.match(metrics, /^go_goroutines \d+$/m);
    const [code, text] = await page("/debug/vars");
    assert.equal(code, 200);
    const statistics: readonly { readonly name?: string; readonly values?: object }[] =
      Object.values(JSON.parse(text));
    const httpd = statistics.find(({ name }) => name === "httpd")?.values ?? {};
    // The alerts are on these.
    for (const value of ["authFail", "pointsWrittenFail", "pointsWrittenDropped"]) {
      assert.ok(Object.hasOwn(httpd, value), value);
    }
  });

  it("shows nobody its insides", async () => {
    assert.equal((await page("/debug/pprof/"))[0], 404);
    assert.equal((await page("/query?q=SHOW+DATABASES"))[0], 403);
  });
});
