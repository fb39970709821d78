import assert from "node:assert/strict";
import { bundle } from "../../apps/build.ts";
import { until } from "../until.ts";
import { type AppProcess, startApp } from "./processes.ts";
import { FakeAgent } from "./shared/consul/fakeAgent.ts";

const DEREGISTER = "PUT /v1/agent/service/deregister/api-0";
const LOGOUT = "POST /v1/acl/logout";
const DRAIN_MS = 1500;

/** Environment that reaches the agent, and brokers that are not there. */
function environment(agent: FakeAgent): Record<string, string> {
  const { address, caFile, certFile, keyFile, loginFile, podName } = agent.settings;
  return {
    KAFKA_BROKERS: "127.0.0.1:1",
    DRAIN_MS: `${DRAIN_MS}`,
    CONSUL_ADDRESS: address,
    CONSUL_CA_FILE: caFile,
    CONSUL_CERT_FILE: certFile,
    CONSUL_KEY_FILE: keyFile,
    CONSUL_LOGIN_FILE: loginFile,
    POD_NAME: podName,
    POD_IP: "127.0.0.1",
  };
}

describe("the program of", function () {
  this.timeout(60_000);
  let agent: FakeAgent;
  let app: AppProcess;

  beforeEach(async () => {
    agent = new FakeAgent();
    await agent.start();
  });

  afterEach(async () => {
    await app.stop("SIGKILL");
    await agent.remove();
  });

  async function start(name: "api" | "worker"): Promise<void> {
    app = await startApp(bundle(name), name, environment(agent));
    await until(`${name} is registered`, 10, () => agent.entries.has("api-0"));
  }

  /** What was registered, without what every registration has. */
  function registered(): object {
    const { Name, Port, Check } = agent.definition("api-0");
    const { HTTP, TTL, Status } = Check as Readonly<Record<string, unknown>>;
    return { Name, Port, HTTP, TTL, Status };
  }

  const health = () =>
    fetch(`http://127.0.0.1:${app.port}/health`).then(
      (answer) => answer.text(),
      () => "no answer",
    );

  it("the API registers where it serves, critical as long as no broker answers", async () => {
    await start("api");
    assert.deepEqual(registered(), {
      Name: "api",
      Port: app.port,
      HTTP: `http://127.0.0.1:${app.adminPort}/readyz`,
      TTL: undefined,
      Status: "critical",
    });
  });

  it("the API is taken back before it stops to serve", async () => {
    await start("api");
    const stopping = app.stop("SIGTERM");
    await until("it is taken back", 5, () => !agent.entries.has("api-0"));
    assert.equal(await health(), "Alive!");
    const { code, ms } = await stopping;
    assert.equal(code, 0);
    assert.ok(ms >= DRAIN_MS, `stopped after ${ms} ms`);
    const [first, second] = agent.heard.slice(-2);
    assert.deepEqual([first?.asked, second?.asked], [DEREGISTER, LOGOUT]);
  });

  it("the API drains on when Consul hangs, and ends", async () => {
    await start("api");
    agent.hanging = true;
    const stopping = app.stop("SIGTERM");
    await until("it drains", 5, () => app.stdout().includes("draining"));
    assert.equal(await health(), "Alive!");
    const { code, ms } = await stopping;
    assert.equal(code, 0);
    assert.ok(ms >= 2000 && ms < 8000, `stopped after ${ms} ms`);
  });

  it("the API serves on while Consul is away", async () => {
    await start("api");
    await agent.stop();
    await until("it has seen that", 10, () => app.stdout().includes("is tried until it works"));
    assert.deepEqual([await health(), await app.admin("/livez")], ["Alive!", 200]);
    agent.entries.clear();
    await agent.start();
    await until("it is registered again", 5, () => agent.entries.has("api-0"));
  });

  it("the Worker pushes why it is not ready, and is taken back at its end", async () => {
    await start("worker");
    assert.deepEqual(registered(), {
      Name: "worker",
      Port: undefined,
      HTTP: undefined,
      TTL: "10s",
      Status: "critical",
    });
    await until("its state is there", 5, () => {
      const { status, output } = agent.entries.get("api-0") ?? {};
      return status === "critical" && output === "not a member of the group";
    });
    const { code } = await app.stop("SIGTERM");
    assert.equal(code, 0);
    const last = agent.heard.slice(-2).map(({ asked }) => asked);
    assert.deepEqual(last, [DEREGISTER, LOGOUT]);
  });
});
