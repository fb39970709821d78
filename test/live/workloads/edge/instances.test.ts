import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { readStatus } from "../../../../apps/edge-agent/src/status.ts";
import { raw } from "../../../apps/raw.ts";
import { until } from "../../../until.ts";
import { fill } from "../../../workloads/edge/fill.ts";
import { essence, Load, rawTls } from "./client.ts";
import { Instance, PLAIN } from "./instance.ts";
import { makeEdge, shortened, type TrialEdge, whyNoNginx } from "./nginx.ts";

const UNAVAILABLE = {
  status: 503,
  type: PLAIN,
  body: "No instance of the service is there",
  retryAfter: "1",
};

describe("the edge and its instances", function () {
  this.timeout(60_000);
  let edge: TrialEdge;
  let one: Instance;
  let two: Instance;

  before(async function () {
    const reason = await whyNoNginx();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
  });

  beforeEach(async () => {
    [one, two] = await Promise.all([Instance.start("one"), Instance.start("two")]);
    edge = await makeEdge();
    await edge.start();
  });

  afterEach(async () => {
    await edge?.remove();
    await Promise.all([one?.stop(), two?.stop()]);
  });

  const ask = async (method = "POST", more = "") => {
    const head = `${method} /api/publish/secret?q HTTP/1.1\r\nhost: localhost:1\r\n`;
    return essence(await rawTls(edge.port, edge.tls, `${head}connection: close\r\n${more}\r\n`));
  };
  const isOn = (...names: string[]) =>
    until(`it is on ${names}`, 5, async () => {
      return names.includes((await ask()).body) && edge.isSettled();
    });
  /** On a connection of its own, as the kubelet asks: kept ones may lead to the last configuration. */
  const admin = async (path: string) => {
    const head = `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
    const { status, body } = essence(await raw(edge.adminPort, head));
    return [status, body];
  };

  it("answers 503 while none is known, and is ready once that is Consul's word", async () => {
    assert.deepEqual(await ask(), UNAVAILABLE);
    assert.deepEqual(await admin("/livez"), [200, "ok\n"]);
    assert.deepEqual(await admin("/readyz"), [503, "Consul has not been asked yet\n"]);
    edge.tell(fill([]));
    await until("it is ready", 5, async () => {
      return (await admin("/readyz"))[0] === 200 && edge.isSettled();
    });
    assert.deepEqual(await admin("/readyz"), [200, "ok\n"]);
    assert.deepEqual(await ask(), UNAVAILABLE);
    assert.deepEqual(await admin("/"), [404, "allowed: /livez, /readyz, /status\n"]);
  });

  it("counts what the agent reads", async () => {
    await ask();
    const counts = await readStatus(`http://127.0.0.1:${edge.adminPort}/status`);
    assert.ok(counts.requests >= 2 && counts.accepted === counts.handled, JSON.stringify(counts));
  });

  it("spreads requests over all of them", async () => {
    edge.tell(fill([one.port, two.port]));
    await isOn("one", "two");
    const bodies: string[] = [];
    for (let n = 0; n < 20; n++) bodies.push((await ask()).body);
    assert.deepEqual(bodies.filter((body) => body === "one").length, 10);
  });

  it("tells them who asks, and a request's id: the client's or one of its own", async () => {
    edge.tell(fill([one.port]));
    await isOn("one");
    one.heard.length = 0;
    await ask("POST", "x-request-id: abc-1\r\nx-forwarded-for: 192.0.2.1\r\n");
    await ask("POST", "x-request-id: a b\r\n");
    const [given, made] = one.heard.map(({ headers }) => headers);
    assert.deepEqual(given, {
      host: "localhost",
      "x-request-id": "abc-1",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": "localhost:1",
      "x-forwarded-proto": "https",
    });
    assert.match(`${made?.["x-request-id"]}`, /^[0-9a-f]{32}$/);
  });

  it("logs a line of JSON for each request, and nobody's text", async () => {
    edge.tell(fill([one.port]));
    await isOn("one");
    await ask("POST", "x-request-id: logged-1\r\n");
    const line = await until("it is logged", 5, () =>
      edge.accessLog().find(({ requestId }) => requestId === "logged-1"),
    );
    const { time, seconds, upstreamSeconds, ...rest } = line;
    assert.deepEqual(rest, {
      client: "127.0.0.1",
      method: "POST",
      path: "/api/publish/",
      status: 201,
      bytes: 3,
      upstream: `127.0.0.1:${one.port}`,
      requestId: "logged-1",
    });
    assert.ok(!Number.isNaN(Date.parse(`${time}`)), `${time}`);
    assert.ok(typeof seconds === "number" && /^0\.\d{3}$/.test(`${upstreamSeconds}`));
    assert.equal(JSON.stringify(edge.accessLog()).includes("secret"), false);
  });

  it("passes over one that is gone, be it asked to publish", async () => {
    edge.tell(fill([one.port, two.port]));
    await isOn("one", "two");
    await one.stop();
    const load = new Load(edge.port, edge.tls, 4, "POST");
    await until("500 requests", 20, () => load.count >= 500);
    const outcomes = await load.stop();
    assert.deepEqual(Object.keys(outcomes), ["201"]);
  });

  it("never sends a POST twice that one may have carried out, but a GET", async () => {
    const drop = (request: IncomingMessage) => request.socket.destroy();
    one.answer = drop;
    edge.tell(fill([one.port]));
    await until("it is asked", 5, async () => (await ask()).status === 502);
    edge.tell(fill([one.port, two.port]));
    await isOn("two");
    one.heard.length = two.heard.length = 0;
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    // Passed over for 2 s after each failure, and then asked again.
    await until("two POSTs are lost", 20, async () => {
      answers.push(await ask());
      return answers.filter(({ status }) => status === 502).length === 2;
    });
    assert.equal(one.heard.length, 2);
    assert.equal(one.heard.length + two.heard.length, answers.length);
    const { body } = answers.at(-1) ?? {};
    assert.equal(body, "No answer came; whether the request was carried out is not known");
    one.heard.length = 0;
    const bodies: string[] = [];
    await until("a GET has met it", 20, async () => {
      bodies.push((await ask("GET")).body);
      return one.heard.length > 0;
    });
    assert.deepEqual([...new Set(bodies)], ["two"]);
  });

  it("answers 503 when all of them are gone: nothing was sent", async () => {
    edge.tell(fill([one.port, two.port]));
    await isOn("one", "two");
    await Promise.all([one.stop(), two.stop()]);
    for (let n = 0; n < 3; n++) assert.deepEqual(await ask(), UNAVAILABLE);
  });

  it("refuses a bad configuration, says so, and takes the next good one", async () => {
    edge.tell(fill([one.port]));
    await isOn("one");
    edge.tell(fill([two.port], "no such host"));
    await until("it is refused", 5, () => edge.stderr().includes("the last good one stays"));
    assert.match(edge.stderr(), /\[emerg\] .* in .*trial\.conf:\d+/);
    assert.equal((await ask()).body, "one");
    edge.tell(fill([two.port]));
    await isOn("two");
  });

  it("keeps the last ones when none is known any more, and takes the next", async () => {
    edge.tell(fill([one.port]));
    await isOn("one");
    const reloads = edge.reloads();
    edge.tell(fill([]));
    const notice = "edge: Consul knows of no instance, the last ones stay";
    await until("it says so", 5, () => edge.stderr().includes(notice));
    const over = performance.now() + (shortened.wait + 0.5) * 1000;
    await until("it has waited", 5, () => performance.now() > over);
    assert.equal((await ask()).body, "one");
    assert.equal(edge.reloads(), reloads);
    await one.stop();
    assert.deepEqual(await ask(), UNAVAILABLE);
    edge.tell(fill([two.port]));
    await isOn("two");
  });

  it("starts again from the last good configuration, and from news it missed", async () => {
    edge.tell(fill([one.port]));
    await isOn("one");
    await edge.stop("SIGKILL");
    await edge.start();
    assert.equal((await ask()).body, "one");
    await edge.stop("SIGKILL");
    edge.tell(fill([two.port]));
    await edge.start();
    await isOn("two");
  });

  it("loses no request of kept connections while it takes news, ten times", async () => {
    edge.tell(fill([one.port]));
    await isOn("one");
    const load = new Load(edge.port, edge.tls, 16, "POST");
    for (let n = 1; n <= 10; n++) {
      const before = [edge.reloads(), load.count] as const;
      edge.tell(fill(n % 2 ? [one.port, two.port] : [one.port]));
      await until("news are taken under load", 10, () => {
        return edge.reloads() > before[0] && load.count > before[1] + 50;
      });
    }
    const outcomes = await load.stop();
    assert.deepEqual(Object.keys(outcomes), ["201"]);
    console.log(`      ${outcomes["201"]} requests, 10 reloads, 0 failed`);
  });

  // Kubernetes sends what the image asks for, which is the second.
  for (const signal of ["SIGTERM", "SIGQUIT"] as const) {
    it(`serves on after ${signal}, finishes what it has begun, and ends well`, async () => {
      let release = (): void => {};
      one.answer = (_request, response) => {
        response.setHeader("content-type", PLAIN);
        release = () => response.end("late");
      };
      edge.tell(fill([one.port]));
      const begun = until("it is asked", 5, async () => (await ask("GET")).body === "late");
      await until("it waits", 5, () => one.heard.length > 0 && edge.isSettled());
      const ended = edge.stop(signal);
      assert.deepEqual((await admin("/readyz"))[0], 200);
      await until("nginx quits", 5, () => edge.stderr().includes("signal 3 (SIGQUIT) received"));
      release();
      await begun;
      assert.equal(await ended, 0);
    });
  }
});
