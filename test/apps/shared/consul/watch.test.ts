import assert from "node:assert/strict";
import { type ConsulLink, type Instance, openConsul } from "../../../../apps/shared/consul.ts";
import { FakeAgent } from "./fakeAgent.ts";
import { keptLog } from "./logs.ts";
import { StepClock } from "./stepClock.ts";

const ASKED = "GET /v1/health/service/api?passing=true";

/** An instance as Consul lists it; without an address of its own it has the node's. */
const listed = (id: string, address = "10.0.0.7") => ({
  Node: { Address: "10.200.0.1" },
  Service: { ID: id, Address: address, Port: 8080 },
});

describe("the look-up of a service", () => {
  let agent: FakeAgent;
  let link: ConsulLink;
  let clock: StepClock;
  let lines: unknown[][];
  let seen: (readonly Instance[])[];

  beforeEach(async () => {
    agent = new FakeAgent();
    await agent.start();
    clock = new StepClock();
    const kept = keptLog();
    lines = kept.lines;
    seen = [];
    link = openConsul(agent.settings, kept.log, { clock });
  });

  afterEach(async () => {
    await link.close();
    await agent.remove();
  });

  /** The answer to each query, in order; the login before them answered as ever. */
  async function play(
    answers: readonly (readonly [index: string | undefined, instances: unknown])[],
  ): Promise<string[]> {
    const login = { SecretID: "secret-7", AccessorID: "a", CreateTime: "2026-01-01T00:00:00Z" };
    agent.tokens.set("secret-7", "everything");
    agent.next.push([200, login], [200, {}]);
    for (const [index, instances] of answers) {
      agent.next.push(
        typeof instances === "number"
          ? [instances, "No cluster leader"]
          : [200, instances, index === undefined ? {} : { "x-consul-index": index }],
      );
    }
    link.watch("api", (instances) => seen.push(instances));
    for (const _ of answers.slice(1)) {
      await clock.step();
    }
    await clock.paused();
    return agent.take().filter((asked) => asked.startsWith("GET /v1/health/"));
  }

  it("waits for news after the first answer, and tells what has changed", async () => {
    const asked = await play([
      ["5", [listed("api-1", ""), listed("api-0")]],
      ["7", [listed("api-0")]],
      ["9", []],
    ]);
    assert.deepEqual(asked, [ASKED, `${ASKED}&index=5&wait=300s`, `${ASKED}&index=7&wait=300s`]);
    assert.deepEqual(seen, [
      [
        { id: "api-0", address: "10.0.0.7", port: 8080 },
        { id: "api-1", address: "10.200.0.1", port: 8080 },
      ],
      [{ id: "api-0", address: "10.0.0.7", port: 8080 }],
      [],
    ]);
  });

  it("tells nothing where nothing has changed, whatever the order", async () => {
    const both = [listed("api-0"), listed("api-1")];
    await play([
      ["5", both],
      ["6", both],
      ["7", [...both].reverse()],
    ]);
    assert.equal(seen.length, 1);
  });

  it("tells at first that there is none", async () => {
    await play([["5", []]]);
    assert.deepEqual(seen, [[]]);
  });

  it("begins anew when the index goes back", async () => {
    const asked = await play([
      ["50", []],
      ["7", []],
      ["8", []],
    ]);
    assert.deepEqual(asked, [ASKED, `${ASKED}&index=50&wait=300s`, ASKED]);
  });

  for (const index of ["0", undefined, "soon"]) {
    it(`never asks without waiting after an index ${index}`, async () => {
      const asked = await play([
        [index, []],
        ["5", []],
      ]);
      assert.deepEqual(asked, [ASKED, `${ASKED}&index=1&wait=300s`]);
    });
  }

  it("keeps what it knows and where it was while Consul fails", async () => {
    const asked = await play([
      ["5", [listed("api-0")]],
      [undefined, 500],
      [undefined, 500],
      ["6", [listed("api-0"), listed("api-1")]],
    ]);
    const again = `${ASKED}&index=5&wait=300s`;
    assert.deepEqual(asked, [ASKED, again, again, again]);
    assert.deepEqual(
      seen.map((instances) => instances.map(({ id }) => id)),
      [["api-0"], ["api-0", "api-1"]],
    );
    const reason = "GET /v1/health/service/api was answered 500: No cluster leader";
    assert.deepEqual(lines, [
      ["warn", "consul: look-up of api failed, and is tried until it works", { reason }],
      ["info", "consul: look-up of api works again"],
    ]);
  });

  it("ends at once when the link is closed, though a query waits", async () => {
    await play([["5", []]]);
    agent.next.push(() => new Promise(() => {}));
    await clock.step();
    await agent.hears(`${ASKED}&index=5&wait=300s`);
    await link.close();
    assert.deepEqual(agent.take().at(-1), "POST /v1/acl/logout");
    assert.deepEqual(lines, []);
  });
});
