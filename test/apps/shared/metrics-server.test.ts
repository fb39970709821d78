import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Listening } from "../../../apps/shared/listen.ts";
import { createLogger } from "../../../apps/shared/log.ts";
import { Gauge, Registry, startMetricsServer } from "../../../apps/shared/metrics-server.ts";
import { makeCertificates, type TrialTls } from "../certificates.ts";
import { raw } from "../raw.ts";
import { askSecurely } from "../secure.ts";

const log = createLogger("test", "silent", 2);

describe("the metrics port", () => {
  const folder = mkdtempSync(join(tmpdir(), "metrics-"));
  const strangers = mkdtempSync(join(tmpdir(), "metrics-strangers-"));
  let trial: ReturnType<typeof makeCertificates>;
  let stranger: TrialTls;
  let mounted: TrialTls;
  let registry: Registry;
  let server: Listening | undefined;

  before(() => {
    trial = makeCertificates(folder);
    stranger = makeCertificates(strangers).client;
  });

  after(() => {
    for (const each of [folder, strangers]) rmSync(each, { recursive: true });
  });

  /** What the pod has, as a volume shows it: files that change under the same name. */
  function mount(from: TrialTls): void {
    const at = (name: string) => join(folder, `mounted.${name}`);
    mounted = { caFile: at("ca"), certFile: at("crt"), keyFile: at("key") };
    for (const file of ["caFile", "certFile", "keyFile"] as const) {
      copyFileSync(from[file], mounted[file]);
    }
  }

  beforeEach(() => {
    registry = new Registry();
    mount(trial.server);
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function start(pages?: Readonly<Record<string, () => Promise<string>>>): Promise<number> {
    const options = { port: 0, tls: mounted, registry, log, ...(pages ? { pages } : {}) };
    server = await startMetricsServer(options);
    return server.port;
  }

  it("shows metrics, and those of the process, to who has a certificate", async () => {
    new Gauge({ name: "texts", help: "Texts", registers: [registry] }).set(7);
    const { status, type, body } = await askSecurely(await start(), "/metrics", trial.client);
    assert.deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
    const lines = body.split("\n");
    assert.ok(lines.includes("texts 7"));
    for (const name of [
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "process_open_fds",
      "nodejs_heap_size_used_bytes",
      "nodejs_eventloop_lag_seconds",
    ]) {
      assert.ok(
        lines.some((line) => line.startsWith(`${name} `)),
        name,
      );
    }
  });

  it("refuses who has no certificate, or one of another authority", async () => {
    const port = await start();
    const { caFile } = trial.client;
    await assert.rejects(askSecurely(port, "/metrics", { caFile }), /alert certificate required/);
    await assert.rejects(
      askSecurely(port, "/metrics", { ...stranger, caFile }),
      /socket hang up|ECONNRESET/,
    );
  });

  it("says nothing in the clear", async () => {
    const answer = await raw(await start(), "GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").catch(
      (error: Error) => error.message,
    );
    assert.doesNotMatch(answer, /HTTP|process_/);
  });

  it("uses a renewed certificate from the next connection on", async () => {
    const port = await start();
    const served = async () => (await askSecurely(port, "/metrics", trial.client)).server;
    assert.equal(await served(), "server");
    mount(trial.client);
    assert.equal(await served(), "client");
  });

  it("trusts a renewed authority, and the old one no more", async () => {
    const port = await start();
    mount({ ...trial.server, caFile: stranger.caFile });
    const { caFile } = trial.client;
    const { status } = await askSecurely(port, "/metrics", { ...stranger, caFile });
    assert.equal(status, 200);
    await assert.rejects(askSecurely(port, "/metrics", trial.client));
  });

  it("stays with the last certificate while the files do not fit together", async () => {
    const port = await start();
    copyFileSync(trial.client.keyFile, mounted.keyFile);
    const first = await askSecurely(port, "/metrics", trial.client);
    writeFileSync(mounted.certFile, "");
    const second = await askSecurely(port, "/metrics", trial.client);
    assert.deepEqual([first.server, second.server], ["server", "server"]);
  });

  it("has the pages that it is given, and says of all else what there is", async () => {
    const port = await start({ "/jvm": () => Promise.resolve("heap 1\n") });
    const jvm = await askSecurely(port, "/jvm", trial.client);
    assert.deepEqual([jvm.status, jvm.body], [200, "heap 1\n"]);
    const other = await askSecurely(port, "/livez", trial.client);
    assert.deepEqual([other.status, other.body], [404, "allowed: /metrics, /jvm\n"]);
  });

  it("answers 500 for what cannot be had, without saying why", async () => {
    const port = await start({ "/jvm": () => Promise.reject(new Error("secret detail")) });
    const { status, body } = await askSecurely(port, "/jvm", trial.client);
    assert.deepEqual([status, body], [500, "the metrics cannot be had\n"]);
  });

  it("fails without its files, and when another has the port", async () => {
    const port = await start();
    const options = { port, tls: mounted, registry: new Registry(), log };
    await assert.rejects(startMetricsServer(options), { code: "EADDRINUSE" });
    const tls = { ...mounted, keyFile: join(folder, "none") };
    await assert.rejects(startMetricsServer({ ...options, tls }), { code: "ENOENT" });
  });
});
