import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { ConsulSession, type ConsulToken } from "../../../../apps/shared/consul/session.ts";
import { ConsulClient, ConsulError } from "../../../../apps/shared/consul.ts";
import { until } from "../../../until.ts";
import { FakeAgent } from "./fakeAgent.ts";
import { StepClock } from "./stepClock.ts";

const LOGIN = "POST /v1/acl/login";
const LOOK = "GET /v1/acl/token/self?stale";
const LOGOUT = "POST /v1/acl/logout";

describe("a session with Consul", () => {
  let agent: FakeAgent;
  let client: ConsulClient;
  let clock: StepClock;
  let session: ConsulSession;
  let told: string[];

  beforeEach(async () => {
    agent = new FakeAgent();
    await agent.start();
    client = new ConsulClient(agent.settings);
    clock = new StepClock();
    told = [];
    session = new ConsulSession(client, agent.loginFile, clock, (secret) => told.push(secret));
  });

  afterEach(async () => {
    client.close();
    await agent.remove();
  });

  /** Asks for a service that exists, as work does. */
  const work = async ({ secret }: ConsulToken): Promise<string> => {
    const path = "/v1/agent/service/api-0";
    await client.send({ method: "GET", path, token: secret, deadlineMs: 2000 });
    return secret;
  };
  const WORK = "GET /v1/agent/service/api-0";
  const exists = () =>
    agent.entries.set("api-0", { definition: {}, status: "critical", output: "" });

  it("logs in by the service account's token when it is first used, and only then", async () => {
    exists();
    assert.deepEqual(agent.take(), []);
    assert.equal(await session.use(work), "secret-1");
    assert.equal(await session.use(work), "secret-1");
    assert.deepEqual(agent.heard, [
      {
        asked: LOGIN,
        token: undefined,
        body: { AuthMethod: "kubernetes", BearerToken: "login-1" },
        client: "client",
      },
      { asked: LOOK, token: "secret-1", body: undefined, client: "client" },
      { asked: WORK, token: "secret-1", body: undefined, client: "client" },
      { asked: WORK, token: "secret-1", body: undefined, client: "client" },
    ]);
    assert.deepEqual(told, ["secret-1"]);
  });

  it("logs in once for all that need it at the same time", async () => {
    exists();
    const used = await Promise.all([session.use(work), session.use(work)]);
    assert.deepEqual(used, ["secret-1", "secret-1"]);
    assert.deepEqual(agent.take(), [LOGIN, LOOK, WORK, WORK]);
  });

  it("waits for the servers to know a new token before the agent asks them", async () => {
    exists();
    agent.late = 2;
    const using = session.use(work);
    assert.deepEqual([await clock.step(), await clock.step()], [100, 100]);
    await using;
    assert.deepEqual(agent.take(), [LOGIN, LOOK, LOOK, LOOK, WORK]);
  });

  it("does not wait for ever for that", async () => {
    agent.late = 1000;
    const using = assert.rejects(session.use(work), { status: 403 });
    for (let look = 1; look < 20; look++) {
      await clock.step();
    }
    await using;
    assert.deepEqual(told, []);
  });

  it("logs in again, with the renewed file, when Consul no longer knows the token", async () => {
    exists();
    await session.use(work);
    agent.tokens.clear();
    agent.heard = [];
    writeFileSync(agent.loginFile, "login-2\n");
    assert.equal(await session.use(work), "secret-2");
    assert.deepEqual(
      agent.heard.map(({ asked, token, body }) => [asked, token, body]),
      [
        [WORK, "secret-1", undefined],
        [LOGIN, undefined, { AuthMethod: "kubernetes", BearerToken: "login-2" }],
        [LOOK, "secret-2", undefined],
        [WORK, "secret-2", undefined],
      ],
    );
    assert.deepEqual(told, ["secret-1", "secret-2"]);
  });

  it("gives up a token that may do nothing, and has another one the next time", async () => {
    exists();
    agent.grants = "nothing";
    await assert.rejects(session.use(work), (error: ConsulError) => {
      assert.ok(error instanceof ConsulError);
      assert.deepEqual([error.refused, error.unknownToken], [true, false]);
      assert.ok(!error.message.includes("secret-1"), error.message);
      return true;
    });
    assert.deepEqual(agent.take(), [LOGIN, LOOK, WORK, LOGOUT]);
    assert.equal(agent.tokens.size, 0);
    agent.grants = "everything";
    assert.equal(await session.use(work), "secret-2");
  });

  it("keeps its token through any other failure of the work", async () => {
    await assert.rejects(session.use(work), { status: 404 });
    agent.next.push([500, "No cluster leader"]);
    await assert.rejects(session.use(work), { status: 500 });
    assert.deepEqual(agent.take(), [LOGIN, LOOK, WORK, WORK]);
  });

  it("takes another token after two thirds of its life, and works with the old one meanwhile", async () => {
    exists();
    agent.lifeMs = 3000;
    await session.use(work);
    clock.skip(1999);
    await session.use(work);
    assert.deepEqual(agent.take(), [LOGIN, LOOK, WORK, WORK]);
    clock.skip(1);
    assert.equal(await session.use(work), "secret-1");
    await until("the new one is there", 5, () => told.length === 2);
    assert.equal(await session.use(work), "secret-2");
    assert.deepEqual([...agent.tokens.keys()], ["secret-1", "secret-2"]);
  });

  it("works on while it cannot be replaced, tries that again, and logs in at its end", async () => {
    exists();
    agent.lifeMs = 60_000;
    await session.use(work);
    agent.take();
    clock.skip(40_000);
    const refusal = async (): Promise<readonly [number, string]> => [500, "No cluster leader"];
    agent.next.push(refusal);
    assert.equal(await session.use(work), "secret-1");
    await until("a login was refused", 5, () => agent.next.length === 0);
    await session.use(work);
    assert.deepEqual(agent.take().filter((asked) => asked === LOGIN).length, 1);
    clock.skip(20_000);
    assert.equal(await session.use(work), "secret-2");
  });

  it("fails without a login file, and where the login is refused", async () => {
    agent.next.push([403, "Permission denied for login-1"]);
    await assert.rejects(session.use(work), {
      message: "POST /v1/acl/login was answered 403: Permission denied for ...",
    });
    const none = new ConsulSession(client, "/none/login", clock, () => undefined);
    await assert.rejects(none.use(work), { code: "ENOENT" });
  });

  it("logs out at its end, if it ever logged in", async () => {
    await session.close();
    assert.deepEqual(agent.take(), []);
    exists();
    await session.use(work);
    await session.close();
    assert.deepEqual(agent.take(), [LOGIN, LOOK, WORK, LOGOUT]);
    assert.equal(agent.tokens.size, 0);
  });

  it("logs out of a login that is on its way at the end", async () => {
    exists();
    const using = session.use(work);
    await session.close();
    await using.catch(() => undefined);
    assert.equal(agent.tokens.size, 0);
  });
});
