import assert from "node:assert/strict";
import {
  type AdminServer,
  Gauge,
  Registry,
  startAdminServer,
} from "../../../apps/shared/admin-server.ts";
import { createLogger } from "../../../apps/shared/log.ts";

describe("the admin port", () => {
  const log = createLogger("test", "silent", 2);
  let registry: Registry;
  let server: AdminServer;
  let state: { live: string | undefined; ready: string | undefined };

  beforeEach(async () => {
    registry = new Registry();
    state = { live: undefined, ready: undefined };
    const live = () => state.live;
    server = await startAdminServer({ port: 0, live, ready: () => state.ready, registry, log });
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

  it("hands out the metrics", async () => {
    new Gauge({ name: "texts", help: "Texts", registers: [registry] }).set(7);
    assert.deepEqual(await ask("/metrics"), [
      200,
      "# HELP texts Texts\n# TYPE texts gauge\ntexts 7\n",
    ]);
  });

  it("answers 500 when a metric cannot be had", async () => {
    const collect = (): never => {
      throw new Error("secret detail");
    };
    new Gauge({ name: "texts", help: "Texts", registers: [registry], collect });
    assert.deepEqual(await ask("/metrics"), [500, "the request failed\n"]);
  });

  it("answers 404 to all else, naming what there is", async () => {
    assert.deepEqual(await ask("/"), [404, "allowed: /livez, /readyz, /metrics\n"]);
  });

  it("fails when another has the port", async () => {
    const { port } = server;
    const options = { port, live: () => undefined, ready: () => undefined, registry, log };
    await assert.rejects(startAdminServer(options), { code: "EADDRINUSE" });
  });
});
