import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { bundle } from "../../../../apps/build.ts";
import { until } from "../../../until.ts";
import { freePort } from "../../broker.ts";
import { type AppProcess, startApp } from "../../processes.ts";
import { askSecurely } from "../../secure.ts";
import { consulMissing, FakeAgent } from "../../shared/consul/fakeAgent.ts";

const PAGE =
  "Active connections: 1 \nserver accepts handled requests\n 3 3 9 \n" +
  "Reading: 0 Writing: 1 Waiting: 0 \n";

describe("the edge's agent", function () {
  this.timeout(60_000);
  let agent: FakeAgent;
  let nginx: Server;
  let app: AppProcess;
  let tokenFile: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    agent = new FakeAgent();
    await agent.start();
    const status = await freePort();
    nginx = createServer((_request, response) => response.end(PAGE));
    await new Promise<void>((resolve) => nginx.listen(status, "127.0.0.1", resolve));
    tokenFile = join(agent.folder, "token");
    const { address, caFile, certFile, keyFile, loginFile } = agent.settings;
    env = {
      CONSUL_ADDRESS: address,
      CONSUL_CA_FILE: caFile,
      CONSUL_CERT_FILE: certFile,
      CONSUL_KEY_FILE: keyFile,
      CONSUL_LOGIN_FILE: loginFile,
      POD_NAME: "edge-0",
      POD_IP: "10.0.0.9",
      EDGE_PORT: "9443",
      NGINX_STATUS: `http://127.0.0.1:${status}/status`,
      NGINX_CONFIG: join(agent.folder, "candidate.conf"),
      TOKEN_FILE: tokenFile,
    };
  });

  afterEach(async () => {
    await app?.stop("SIGKILL");
    nginx.close();
    nginx.closeAllConnections();
    await agent.remove();
  });

  const isRegistered = () => until("it is registered", 10, () => agent.entries.has("edge-0"));
  const token = () => readFileSync(tokenFile, "utf8");

  it("registers the pod with a check of its port, and takes that back when it stops", async () => {
    app = await startApp(bundle("edge-agent"), "edge-agent", env);
    await isRegistered();
    const { ID, Name, Address, Port, Check } = agent.definition("edge-0");
    assert.deepEqual([ID, Name, Address, Port], ["edge-0", "edge", "10.0.0.9", 9443]);
    assert.equal((Check as { readonly TCP?: string }).TCP, "10.0.0.9:9443");
    const { code, ms } = await app.stop("SIGTERM");
    assert.equal(code, 0);
    assert.ok(ms < 2000, `${ms} ms`);
    assert.deepEqual([agent.entries.size, agent.tokens.size], [0, 0]);
  });

  it("leaves each token as soon as it has one, and says none", async () => {
    app = await startApp(bundle("edge-agent"), "edge-agent", env);
    await isRegistered();
    assert.equal(token(), "secret-1\n");
    agent.tokens.clear();
    await until("there is another", 10, () => token() === "secret-2\n");
    assert.doesNotMatch(app.stdout() + app.stderr(), /secret-|login-/);
  });

  it("is ready and alive without Consul, and registers once it is there", async () => {
    await agent.stop();
    app = await startApp(bundle("edge-agent"), "edge-agent", env);
    assert.deepEqual([await app.admin("/readyz"), await app.admin("/livez")], [200, 200]);
    assert.equal(existsSync(tokenFile), false);
    await agent.start();
    await isRegistered();
    assert.equal(token(), "secret-1\n");
  });

  it("exports nginx's counts, its instances and its own, over TLS alone", async () => {
    const metricsPort = await freePort();
    const { caFile, certFile, keyFile } = agent.tls.server;
    writeFileSync(env.NGINX_CONFIG ?? "", "# instances: 2\n");
    app = await startApp(bundle("edge-agent"), "edge-agent", {
      ...env,
      METRICS_PORT: `${metricsPort}`,
      METRICS_CA_FILE: caFile,
      METRICS_CERT_FILE: certFile,
      METRICS_KEY_FILE: keyFile,
    });
    // The port of health is there first.
    await until("there are metrics", 10, () =>
      app.stdout().includes(`"metricsPort":${metricsPort}`),
    );
    const { body } = await askSecurely(metricsPort, "/metrics", agent.tls.client);
    const lines = body.split("\n");
    for (const line of ["nginx_up 1", "nginx_http_requests_total 9", "edge_upstream_instances 2"]) {
      assert.ok(lines.includes(line), line);
    }
    assert.match(body, /^process_resident_memory_bytes \d/m);
    assert.equal(await app.admin("/metrics"), 404);
  });

  it("fails without its settings, and names them all", () => {
    const file = join(bundle("edge-agent"), "main.cjs");
    const given = { POD_IP: "nowhere", NGINX_STATUS: "file:///etc/passwd" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      env: given,
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      ...consulMissing,
      'setting POD_IP: got "nowhere", allowed: an IP address',
      'setting NGINX_STATUS: got "file:///etc/passwd", allowed: an http:// URL',
      "setting NGINX_CONFIG: missing, but required",
      "setting TOKEN_FILE: missing, but required",
    ]);
  });
});
