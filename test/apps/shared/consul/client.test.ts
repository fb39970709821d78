import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsulClient, ConsulError } from "../../../../apps/shared/consul.ts";
import { makeCertificates } from "../../certificates.ts";
import { FakeAgent } from "./fakeAgent.ts";

const get = { method: "GET", path: "/v1/some/thing?a=b", deadlineMs: 2000 } as const;

describe("the client of Consul", () => {
  let agent: FakeAgent;
  let client: ConsulClient;

  before(async () => {
    agent = new FakeAgent();
    await agent.start();
  });

  after(() => agent.remove());

  beforeEach(() => {
    agent.heard = [];
    agent.hanging = false;
    client = new ConsulClient(agent.settings);
  });

  afterEach(() => client.close());

  it("shows its certificate and its token, and sends JSON", async () => {
    agent.next.push([200, "", {}], [200, "text", { "x-consul-index": "17" }]);
    const body = { a: ["ö"] };
    await client.send({ method: "PUT", path: "/v1/a", token: "t", body, deadlineMs: 2000 });
    const { index, body: answer } = await client.send(get);
    assert.deepEqual([index, answer], [17, "text"]);
    assert.deepEqual(agent.heard, [
      { asked: "PUT /v1/a", token: "t", body, client: "client" },
      { asked: "GET /v1/some/thing?a=b", token: undefined, body: undefined, client: "client" },
    ]);
  });

  it("says how long a body is, also where Node.js would not", async () => {
    agent.next.push([200, ""]);
    const body = { Key: "ö" };
    await client.send({ method: "DELETE", path: "/v1/operator/keyring", body, deadlineMs: 2000 });
    assert.deepEqual(agent.heard[0]?.body, body);
  });

  const answers: [number, string, boolean, boolean][] = [
    [400, "Bad", false, false],
    [403, "Permission denied", true, false],
    [403, "rpc error making call: ACL not found", true, true],
    [404, "unknown service ID: a", false, false],
    [500, "No cluster leader", false, false],
  ];
  for (const [status, body, refused, unknownToken] of answers) {
    it(`rejects an answer ${status} ${body}`, async () => {
      agent.next.push([status, `${body}\nmore`]);
      const error = await client.send(get).catch((caught: unknown) => caught);
      assert.ok(error instanceof ConsulError);
      assert.deepEqual(
        [error.message, error.status, error.refused, error.unknownToken],
        [`GET /v1/some/thing was answered ${status}: ${body}`, status, refused, unknownToken],
      );
    });
  }

  it("keeps secrets out of its errors, also when Consul repeats them", async () => {
    agent.next.push([403, `no login for jwt-7 by tok-3, but ${"x".repeat(300)}`]);
    const asked = { ...get, token: "tok-3", hide: ["jwt-7"] };
    const error = await client.send(asked).catch((caught: unknown) => caught);
    assert.ok(error instanceof ConsulError);
    const reason = `was answered 403: no login for ... by ..., but ${"x".repeat(300)}`;
    assert.equal(error.message, `GET /v1/some/thing ${reason.slice(0, 200)}`);
  });

  it("gives up at the deadline", async () => {
    agent.hanging = true;
    await assert.rejects(client.send({ ...get, deadlineMs: 50 }), {
      message: "GET /v1/some/thing was not answered: nothing came within 50 ms",
      status: undefined,
    });
  });

  it("gives up sooner where it does not even get a connection", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = `localhost:${(silent.address() as AddressInfo).port}`;
    const lost = new ConsulClient({ ...agent.settings, address });
    try {
      await assert.rejects(lost.send({ ...get, deadlineMs: 60_000 }), {
        message: "GET /v1/some/thing was not answered: no connection within 1000 ms",
      });
    } finally {
      lost.close();
      silent.close();
    }
  });

  it("says where nobody listens", async () => {
    const lost = new ConsulClient({ ...agent.settings, address: "127.0.0.1:1" });
    await assert.rejects(lost.send(get), {
      message: "GET /v1/some/thing was not answered: connect ECONNREFUSED 127.0.0.1:1",
      status: undefined,
    });
    lost.close();
  });

  it("ends a request when it is told to, before and after it was sent", async () => {
    agent.hanging = true;
    const message = "GET /v1/some/thing was not answered: the link is closing";
    await assert.rejects(client.send({ ...get, signal: AbortSignal.abort() }), { message });
    const stop = new AbortController();
    const asked = client.send({ ...get, signal: stop.signal });
    stop.abort();
    await assert.rejects(asked, { message });
  });

  it("ends what is on its way when it is closed, and sends nothing more", async () => {
    agent.hanging = true;
    const asked = client.send(get);
    const refused = assert.rejects(asked, { name: "Error", status: undefined });
    client.close();
    await refused;
    assert.equal(client.closed, true);
    await assert.rejects(client.send(get), {
      message: "GET /v1/some/thing was not sent: the link is closed",
    });
  });

  it("shows a renewed certificate without a restart", async () => {
    const { caFile } = agent.tls.client;
    const [certFile, keyFile] = [join(agent.folder, "own.pem"), join(agent.folder, "own.key")];
    const renewed = new ConsulClient({ ...agent.settings, caFile, certFile, keyFile });
    for (const { certFile: cert, keyFile: key } of [agent.tls.client, agent.tls.server]) {
      copyFileSync(cert, certFile);
      copyFileSync(key, keyFile);
      agent.next.push([200, ""]);
      await renewed.send(get);
    }
    renewed.close();
    assert.deepEqual(
      agent.heard.map((heard) => heard.client),
      ["client", "server"],
    );
  });

  it("shows nothing to an agent that another authority signed", async () => {
    const other = mkdtempSync(join(tmpdir(), "consul-"));
    const { caFile } = makeCertificates(other).client;
    const misled = new ConsulClient({ ...agent.settings, caFile });
    try {
      await assert.rejects(misled.send({ ...get, token: "tok-3" }), {
        message:
          "GET /v1/some/thing was not answered: self-signed certificate in certificate chain",
      });
      assert.deepEqual(agent.heard, []);
    } finally {
      misled.close();
      rmSync(other, { recursive: true });
    }
  });
});
