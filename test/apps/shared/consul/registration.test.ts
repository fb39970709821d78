import assert from "node:assert/strict";
import type { ServiceCheck } from "../../../../apps/shared/consul.ts";
import { until } from "../../../until.ts";
import { FakeAgent } from "./fakeAgent.ts";
import { api, GET, LOGIN, LOOK, REGISTER, REGISTERED, Trial, UPDATE } from "./trial.ts";

describe("a registration with Consul", () => {
  let agent: FakeAgent;
  let trial: Trial;

  beforeEach(async () => {
    agent = new FakeAgent();
    await agent.start();
    trial = new Trial(agent);
  });

  afterEach(async () => {
    await trial.end();
    await agent.remove();
  });

  const probe = { Interval: "1s", Timeout: "2s", FailuresBeforeCritical: 2 };
  const http = (reason?: string): ServiceCheck => ({
    kind: "http",
    port: 9090,
    path: "/readyz",
    state: () => reason,
  });
  const ttl = (reason?: string): ServiceCheck => ({ kind: "ttl", state: () => reason });
  const at4 = { HTTP: "http://10.0.0.7:9090/readyz", ...probe };
  const at6 = { HTTP: "http://[fd00::7]:9090/readyz", ...probe };
  const cases: [string, ServiceCheck, string, string, object][] = [
    ["ready", http(), "10.0.0.7", "passing", at4],
    ["draining", http("draining"), "10.0.0.7", "critical", at4],
    ["ready", http(), "fd00::7", "passing", at6],
    [
      "not known",
      { kind: "tcp", port: 8443 },
      "10.0.0.7",
      "critical",
      { TCP: "10.0.0.7:8443", ...probe },
    ],
    ["ready", ttl(), "10.0.0.7", "passing", { TTL: "10s" }],
    ["stopping", ttl("stopping"), "10.0.0.7", "critical", { TTL: "10s" }],
  ];
  for (const [state, check, podIp, status, expected] of cases) {
    it(`begins ${status} at ${podIp} by ${check.kind} for an app that is ${state}`, async () => {
      trial = new Trial(agent, podIp);
      await trial.register({ name: "api", port: 8080, check });
      assert.deepEqual(agent.definition("api-0"), {
        Name: "api",
        ID: "api-0",
        Address: podIp,
        Port: 8080,
        Meta: { accessor: "accessor-1" },
        Check: {
          CheckID: "service:api-0",
          Name: `api ${check.kind}`,
          Notes: "registered by accessor-1",
          Status: status,
          ...expected,
          DeregisterCriticalServiceAfter: "1m",
        },
      });
    });
  }

  it("has no port where the app serves nothing", async () => {
    await trial.register({ name: "worker", check: { kind: "ttl", state: () => undefined } });
    const { Port, Name } = agent.definition("api-0");
    assert.deepEqual([Name, Port], ["worker", undefined]);
  });

  it("is made at once, and looked at every second", async () => {
    assert.deepEqual(await trial.register(api), [LOGIN, LOOK, REGISTER, GET]);
    assert.equal(await trial.clock.paused(), 1000);
    assert.deepEqual(await trial.turn(), [GET]);
    assert.equal(await trial.clock.paused(), 1000);
    assert.deepEqual(trial.lines, [REGISTERED]);
  });

  it("is made again in the turn in which the agent has forgotten it", async () => {
    await trial.register(api);
    agent.entries.clear();
    assert.deepEqual(await trial.turn(), [GET, REGISTER, GET]);
    assert.deepEqual(trial.lines, [REGISTERED, REGISTERED]);
  });

  it("is made again with the new token after the old one was lost", async () => {
    await trial.register(api);
    agent.tokens.clear();
    assert.deepEqual(await trial.turn(), [GET, LOGIN, LOOK, REGISTER, GET]);
    assert.deepEqual(agent.definition("api-0").Meta, { accessor: "accessor-2" });
  });

  it("is made again with the new token before the old one ends", async () => {
    agent.lifeMs = 3000;
    await trial.register(api);
    trial.clock.skip(2000);
    await trial.turn();
    await until("the new token works", 5, () => agent.tokens.size === 2);
    assert.deepEqual(await trial.turn(), [REGISTER, GET]);
    assert.deepEqual(trial.lines, [REGISTERED, REGISTERED]);
  });

  it("pushes its state every second where the check is ours", async () => {
    let reason: string | undefined = "not a member of the group";
    const check: ServiceCheck = { kind: "ttl", state: () => reason };
    assert.deepEqual(await trial.register({ name: "worker", check }), [
      LOGIN,
      LOOK,
      REGISTER,
      UPDATE,
    ]);
    const body = { Status: "critical", Output: "not a member of the group" };
    const state = () => {
      const { status, output } = agent.entries.get("api-0") ?? {};
      return { Status: status, Output: output };
    };
    assert.deepEqual(state(), body);
    reason = undefined;
    assert.deepEqual(await trial.turn(), [UPDATE]);
    assert.deepEqual(state(), { Status: "passing", Output: "ok" });
    reason = "stopping";
    await trial.turn();
    assert.deepEqual(state(), { Status: "critical", Output: "stopping" });
    agent.entries.clear();
    assert.deepEqual(await trial.turn(), [UPDATE, REGISTER, UPDATE]);
    assert.deepEqual(state(), { Status: "critical", Output: "stopping" });
  });

  it("is kept up while the agent is away, and made again when it is back and has forgotten", async () => {
    await trial.register(api);
    await agent.stop();
    const pauses = [await trial.clock.step()];
    for (let attempt = 0; attempt < 6; attempt++) {
      pauses.push(await trial.clock.step());
    }
    assert.deepEqual(pauses, [1000, 100, 200, 400, 800, 800, 800]);
    agent.entries.clear();
    await agent.start();
    await until("it is registered", 5, async () => {
      await trial.clock.step();
      return agent.entries.has("api-0");
    });
    await trial.clock.paused();
    assert.deepEqual(
      trial.lines.map(([level, message]) => [level, message]),
      [
        ["info", "registered"],
        ["warn", "consul: registration of api failed, and is tried until it works"],
        ["info", "registered"],
        ["info", "consul: registration of api works again"],
      ],
    );
  });

  it("begins when the agent comes, where it was not there at first", async () => {
    await agent.stop();
    trial.link.register(api);
    await trial.clock.step();
    await agent.start();
    await until("it is registered", 5, async () => {
      await trial.clock.step();
      return agent.entries.has("api-0");
    });
  });

  it("leaves no secret in the log, whatever goes wrong", async () => {
    agent.grants = "nothing";
    await trial.register(api);
    agent.grants = "everything";
    await trial.turn();
    agent.next.push([500, "secret-2 met an error"]);
    await trial.turn();
    await trial.turn();
    agent.tokens.clear();
    agent.next.push([403, "secret-2: ACL not found"], [403, "login-1 may not log in"]);
    await trial.turn();
    await trial.turn();
    await agent.stop();
    await trial.clock.step();
    await trial.clock.step();
    await agent.start();
    const said = JSON.stringify(trial.lines);
    assert.ok(trial.lines.length >= 6, said);
    assert.doesNotMatch(said, /secret-|login-|BEGIN/);
  });
});
