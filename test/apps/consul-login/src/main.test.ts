import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../../../apps/build.ts";
import { until } from "../../../until.ts";
import { type AppProcess, startApp } from "../../processes.ts";
import { consulMissing, FakeAgent } from "../../shared/consul/fakeAgent.ts";

describe("the login for a program that knows none", function () {
  this.timeout(60_000);
  let agent: FakeAgent;
  let app: AppProcess;
  let tokenFile: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    agent = new FakeAgent();
    await agent.start();
    tokenFile = join(agent.folder, "token");
    const { address, caFile, certFile, keyFile, loginFile } = agent.settings;
    env = {
      CONSUL_ADDRESS: address,
      CONSUL_CA_FILE: caFile,
      CONSUL_CERT_FILE: certFile,
      CONSUL_KEY_FILE: keyFile,
      CONSUL_LOGIN_FILE: loginFile,
      POD_NAME: "prometheus-0",
      POD_IP: "10.0.0.9",
      TOKEN_FILE: tokenFile,
    };
  });

  afterEach(async () => {
    await app?.stop("SIGKILL");
    await agent.remove();
  });

  const start = async () => {
    app = await startApp(bundle("consul-login"), "consul-login", env);
  };
  const isLeft = (secret: string) =>
    until(`the token is ${secret}`, 15, () => {
      return existsSync(tokenFile) && readFileSync(tokenFile, "utf8") === `${secret}\n`;
    });

  it("leaves a token, registers nothing, and logs out when it stops", async () => {
    await start();
    await isLeft("secret-1");
    const { code, ms } = await app.stop("SIGTERM");
    assert.equal(code, 0);
    assert.ok(ms < 2000, `${ms} ms`);
    assert.deepEqual([agent.entries.size, agent.tokens.size], [0, 0]);
    const asked = new Set(agent.take());
    assert.deepEqual(
      [...asked],
      ["POST /v1/acl/login", "GET /v1/acl/token/self?stale", "POST /v1/acl/logout"],
    );
  });

  it("leaves another where Consul no longer knows the first, and says none", async () => {
    await start();
    await isLeft("secret-1");
    agent.tokens.clear();
    await isLeft("secret-2");
    assert.doesNotMatch(app.stdout() + app.stderr(), /secret-|login-/);
  });

  it("is ready and alive without Consul, and logs in once it is there", async () => {
    await agent.stop();
    await start();
    assert.deepEqual([await app.admin("/readyz"), await app.admin("/livez")], [200, 200]);
    assert.equal(existsSync(tokenFile), false);
    await agent.start();
    await isLeft("secret-1");
  });

  it("fails without its settings, and names them all", () => {
    const file = join(bundle("consul-login"), "main.cjs");
    const given = { POD_IP: "nowhere" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      env: given,
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      ...consulMissing,
      'setting POD_IP: got "nowhere", allowed: an IP address',
      "setting TOKEN_FILE: missing, but required",
    ]);
  });
});
