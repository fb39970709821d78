import assert from "node:assert/strict";
import { ConsulClient } from "../../../../apps/shared/consul.ts";
import { FakeAgent } from "./fakeAgent.ts";
import {
  api,
  DEREGISTER,
  DEREGISTERED,
  GET,
  LOGIN,
  LOGOUT,
  LOOK,
  REGISTER,
  REGISTERED,
  Trial,
} from "./trial.ts";

describe("a registration with Consul, at the end,", () => {
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

  it("is taken back, and the login too", async () => {
    await trial.register(api);
    await trial.link.close();
    assert.deepEqual(agent.take(), [DEREGISTER, LOGOUT]);
    assert.deepEqual([agent.entries.size, agent.tokens.size], [0, 0]);
    assert.deepEqual(trial.lines, [REGISTERED, DEREGISTERED]);
  });

  it("is taken back by a new login where the token was lost meanwhile", async () => {
    await trial.register(api);
    agent.tokens.clear();
    await trial.link.close();
    assert.deepEqual(agent.take(), [DEREGISTER, LOGIN, LOOK, DEREGISTER, LOGOUT]);
    assert.equal(agent.entries.size, 0);
  });

  it("is taken back after it was made, where it is on its way", async () => {
    let answer: () => void = () => {};
    trial.link.register(api);
    agent.next.push(
      [200, { SecretID: "secret-7", AccessorID: "a", CreateTime: "" }],
      [200, {}],
      () => {
        agent.entries.set("api-0", { definition: {}, status: "critical", output: "" });
        return new Promise((resolve) => {
          answer = () => resolve([200, ""]);
        });
      },
    );
    agent.tokens.set("secret-7", "everything");
    await agent.hears(REGISTER);
    const closing = trial.link.close();
    // Whatever else was sent would have come by the time that these two are answered.
    const other = new ConsulClient(agent.settings);
    const look = { method: "GET", path: "/v1/acl/token/self?stale", token: "secret-7" } as const;
    await other.send({ ...look, deadlineMs: 2000 });
    await other.send({ ...look, deadlineMs: 2000 });
    other.close();
    assert.deepEqual(agent.take(), [LOGIN, LOOK, REGISTER, LOOK, LOOK]);
    answer();
    await closing;
    assert.deepEqual(agent.take(), [GET, DEREGISTER, LOGOUT]);
    assert.equal(agent.entries.size, 0);
  });

  it("needs not be taken back where the agent has forgotten it, or never heard of it", async () => {
    await trial.register(api);
    agent.entries.clear();
    await trial.link.close();
    assert.deepEqual(agent.take(), [DEREGISTER, LOGOUT]);
    assert.deepEqual(trial.lines, [REGISTERED]);
    trial = new Trial(agent);
    await trial.link.close();
    assert.deepEqual(agent.take(), []);
  });

  it("is given up after 2 s where the agent hangs", async () => {
    await trial.register(api);
    agent.hanging = true;
    const closing = trial.link.close();
    await agent.hears(DEREGISTER);
    assert.equal(await trial.clock.step(), 2000);
    await closing;
    assert.deepEqual(agent.take(), [DEREGISTER]);
    assert.deepEqual(trial.lines, [
      REGISTERED,
      ["warn", "not deregistered: consul reaps what is left"],
    ]);
  });

  it("is given up after 2 s where the agent hangs in the middle of a turn", async () => {
    await trial.register(api);
    agent.hanging = true;
    await trial.clock.step();
    await agent.hears(GET);
    const closing = trial.link.close();
    assert.equal(await trial.clock.step(), 2000);
    await closing;
    assert.deepEqual(trial.lines.at(-1), ["warn", "not deregistered: consul reaps what is left"]);
  });

  it("is tried to be taken back for 2 s where the agent is away, and is where it comes back", async () => {
    await trial.register(api);
    await agent.stop();
    const closing = trial.link.close();
    await trial.clock.step(100);
    await trial.clock.paused(100);
    await agent.start();
    await trial.clock.step(100);
    await closing;
    assert.equal(agent.entries.size, 0);
    assert.deepEqual(trial.lines, [REGISTERED, DEREGISTERED]);
  });

  it("is given up where taking it back is refused", async () => {
    await trial.register(api);
    agent.tokens.set("secret-1", "nothing");
    await trial.link.close();
    assert.deepEqual(agent.take(), [DEREGISTER, LOGOUT]);
    assert.deepEqual(trial.lines.at(-1), ["warn", "not deregistered: consul reaps what is left"]);
  });
});
