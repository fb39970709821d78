import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderServer } from "../../../../workloads/consul/config.ts";
import { freePort } from "../../../apps/broker.ts";
import type { TrialTls } from "../../../apps/certificates.ts";
import { findConsul, whyNoConsul } from "../../../apps/consul.ts";
import { until } from "../../../until.ts";
import { whyNoNginx } from "../edge/nginx.ts";
import { startConsole, type TrialConsole } from "./nginx.ts";

const TOKEN = "5f0c7c1e-5d0a-4b6b-9c0f-2f1f0c6d7a10";
const HOST = "consul.yourcom.example";

/** The stack's own configuration of a server, as far as a single one on loopback can have it. */
function settingsOf(folder: string, { caFile, certFile, keyFile }: TrialTls, ports: number[]) {
  const [https, server, serf_lan] = ports;
  const own = JSON.parse(renderServer({ datacenter: "dc1", domain: "consul", replicas: 1 }));
  const unused = { http: -1, dns: -1, grpc: -1, grpc_tls: -1, serf_wan: -1 };
  const defaults = { ...own.tls.defaults, ca_file: caFile, cert_file: certFile, key_file: keyFile };
  return {
    ...own,
    data_dir: join(folder, "data"),
    bind_addr: "127.0.0.1",
    client_addr: "127.0.0.1",
    retry_join: [],
    ports: { ...unused, https, server, serf_lan },
    tls: { defaults },
    acl: { ...own.acl, tokens: { initial_management: TOKEN, agent: TOKEN } },
    log_level: "warn",
  };
}

describe("Consul's web interface through the console", function () {
  this.timeout(120_000);
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  let folder = "";
  let consul: ChildProcess | undefined;
  let gateway: TrialConsole;

  before(async function () {
    const reason = whyNoConsul() ?? (await whyNoNginx());
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "console-consul-"));
    gateway = await startConsole(async (tls) => {
      const ports = [await freePort(), await freePort(), await freePort()];
      const file = join(folder, "server.json");
      writeFileSync(file, JSON.stringify(settingsOf(folder, tls, ports)));
      const args = ["agent", `-config-file=${file}`, "-node=trial"];
      consul = spawn(findConsul() ?? "consul", args, { stdio: "ignore" });
      const [port = 0] = ports;
      return [{ name: "consul", host: HOST, server: "localhost", port, path: "/ui/" }];
    });
    await until("Consul has a leader", 60, async () => {
      return (await ask("/v1/status/leader")).body.includes(":");
    });
  });

  after(async () => {
    agent.destroy();
    await gateway?.remove();
    consul?.kill("SIGKILL");
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  function ask(path: string, token = ""): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = { host: HOST, ...(token ? { "x-consul-token": token } : {}) };
      const options = { port: gateway.port, host: "127.0.0.1", agent, path, headers };
      const sent = request(options, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      });
      sent.on("error", reject).end();
    });
  }

  it("shows its first page and all that this names", async () => {
    const page = await ask("/ui/");
    assert.equal(page.status, 200);
    assert.match(page.body, /<title>Consul by HashiCorp<\/title>/);
    const scripts = [...page.body.matchAll(/<script src="?([^" >]+)/g)].map(([, at = ""]) => at);
    assert.ok(scripts.length > 0, page.body);
    for (const script of scripts) assert.equal((await ask(script)).status, 200, script);
  });

  it("lets people log in by their token, and see nothing without one", async () => {
    assert.equal((await ask("/v1/acl/token/self")).status, 403);
    const { status, body } = await ask("/v1/acl/token/self", TOKEN);
    assert.deepEqual([status, JSON.parse(body).SecretID], [200, TOKEN]);
    const seen = async (token?: string) => JSON.parse((await ask("/v1/catalog/nodes", token)).body);
    assert.deepEqual(await seen(), []);
    assert.equal((await seen(TOKEN)).length, 1);
  });
});
