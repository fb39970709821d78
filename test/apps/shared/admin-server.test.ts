import assert from "node:assert/strict";
import { startAdminServer } from "../../../apps/shared/admin-server.ts";
import type { Listening } from "../../../apps/shared/listen.ts";

describe("the admin port", () => {
  let server: Listening;
  let state: { live: string | undefined; ready: string | undefined };

  beforeEach(async () => {
    state = { live: undefined, ready: undefined };
    const live = () => state.live;
    server = await startAdminServer({ port: 0, live, ready: () => state.ready });
  });

  afterEach(() => server.close());

  async function ask(path: string): Promise<[number, string]> {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [answer.status, await answer.text()];
  }

  it("says ok while all is well", async () => {
    assert.deepEqual(await ask("/livez"), [200, "ok\n"]);
    assert.deepEqual(await ask("/readyz"), [200, "ok\n"]);
  });

  it("says why not, and of each by itself", async () => {
    state.ready = "draining";
    assert.deepEqual(await ask("/readyz"), [503, "draining\n"]);
    assert.deepEqual(await ask("/livez"), [200, "ok\n"]);
    state = { live: "stuck", ready: undefined };
    assert.deepEqual(await ask("/livez"), [503, "stuck\n"]);
    assert.deepEqual(await ask("/readyz"), [200, "ok\n"]);
  });

  it("answers 404 to all else, metrics among it, naming what there is", async () => {
    assert.deepEqual(await ask("/metrics"), [404, "allowed: /livez, /readyz\n"]);
  });

  it("fails when another has the port", async () => {
    const { port } = server;
    const options = { port, live: () => undefined, ready: () => undefined };
    await assert.rejects(startAdminServer(options), { code: "EADDRINUSE" });
  });
});
