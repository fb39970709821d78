import assert from "node:assert/strict";
import { startConsul, type TrialConsul, whyNoConsul } from "../../../apps/consul.ts";
import { until } from "../../../until.ts";
import { essence, Load, rawTls } from "./client.ts";
import { Instance } from "./instance.ts";
import { makeEdge, type TrialEdge, whyNoNginx } from "./nginx.ts";
import { TrialWatch, whyNoWatch } from "./watch.ts";

/** Seconds from a change in Consul until all requests follow it; an API pod serves on for 5. */
const PROMISED = 5;

describe("the edge and a real Consul", function () {
  this.timeout(180_000);
  let consul: TrialConsul;
  let edge: TrialEdge;
  let watch: TrialWatch;
  const instances: Instance[] = [];

  before(async function () {
    const reason = (await whyNoNginx()) ?? whyNoConsul() ?? whyNoWatch();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    consul = await startConsul();
    const rules = 'service "api" { policy = "read" } node_prefix "" { policy = "read" }';
    await consul.ask("PUT", "/v1/acl/policy", { Name: "edge", Rules: rules });
    edge = await makeEdge();
    await edge.start();
    watch = new TrialWatch(edge, consul.settings("edge"));
  });

  after(async () => {
    await watch?.stop("SIGKILL");
    await edge?.remove();
    await Promise.all(instances.map((one) => one.stop()));
    await consul?.remove();
  });

  const makeToken = async () => {
    const made = await consul.ask("PUT", "/v1/acl/token", { Policies: [{ Name: "edge" }] });
    return made as { readonly SecretID: string; readonly AccessorID: string };
  };
  const register = ({ name, port }: Instance, state = "passing") =>
    consul.ask("PUT", "/v1/agent/service/register", {
      ID: name,
      Name: "api",
      Address: "127.0.0.1",
      Port: port,
      Check: { TTL: "10m", Status: state },
    });
  const deregister = ({ name }: Instance) =>
    consul.ask("PUT", `/v1/agent/service/deregister/${name}`);
  const ask = async () => {
    const head = "GET /a HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    return essence(await rawTls(edge.port, edge.tls, head));
  };
  const start = async (name: string) => {
    const instance = await Instance.start(name);
    instances.push(instance);
    return instance;
  };
  /** Seconds until requests come to an instance. */
  const untilAsked = async (instance: Instance) => {
    const begin = performance.now();
    await until(`${instance.name} is asked`, 20, async () => {
      await ask();
      return instance.heard.length > 0;
    });
    return (performance.now() - begin) / 1000;
  };
  /** Seconds until the last one came, when none has come for a second under load. */
  const untilLeft = async (instance: Instance) => {
    const begin = performance.now();
    await until(`${instance.name} is left`, 20, () => performance.now() > instance.heardAt + 1000);
    return (instance.heardAt - begin) / 1000;
  };

  let token: Awaited<ReturnType<typeof makeToken>>;

  it("knows of nobody before there is a token, and of all who pass with one", async () => {
    const [one, ill] = [await start("one"), await start("ill")];
    await register(one);
    await register(ill, "critical");
    assert.equal((await ask()).status, 503);
    token = await makeToken();
    watch.leave(token.SecretID);
    await untilAsked(one);
    for (let n = 0; n < 10; n++) assert.equal((await ask()).body, "one");
    assert.equal(ill.heard.length, 0);
  });

  it("takes instances in and out under load, and loses no request", async () => {
    const load = new Load(edge.port, edge.tls, 8, "POST");
    const [two, three] = [await start("two"), await start("three")];
    const figures: string[] = [];
    const note = (what: string, took: number) => {
      assert.ok(took <= PROMISED, `${what}: ${took} s, promised: ${PROMISED} s`);
      figures.push(`${what} ${took.toFixed(2)} s`);
    };
    for (const instance of [two, three]) {
      await register(instance);
      note(`${instance.name} in`, await untilAsked(instance));
    }
    for (const instance of [two, three]) {
      await deregister(instance);
      note(`${instance.name} out`, await untilLeft(instance));
      await instance.stop();
    }
    const outcomes = await load.stop();
    console.log(`      ${figures.join(", ")}; ${outcomes["201"]} requests, 0 failed`);
    assert.deepEqual(Object.keys(outcomes), ["201"]);
  });

  it("follows Consul by its next token when the first is gone", async () => {
    const next = await makeToken();
    watch.leave(next.SecretID);
    await until("it is told", 10, () => watch.log().includes("Reloading configuration"));
    await consul.ask("DELETE", `/v1/acl/token/${token.AccessorID}`);
    const four = await start("four");
    await register(four);
    assert.ok((await untilAsked(four)) <= PROMISED);
    assert.equal(watch.log().includes(next.SecretID), false);
  });

  it("loses no request while Consul is away, nor when it is back and knows of nobody", async () => {
    const load = new Load(edge.port, edge.tls, 8, "POST");
    const before = edge.reloads();
    await consul.kill();
    await until("it is missed", 20, () => /connection refused/.test(watch.log()));
    const [count, end] = [load.count, performance.now() + 5000];
    await until("requests for 5 s", 20, () => performance.now() > end);
    assert.ok(load.count > count + 100);
    assert.equal(edge.reloads(), before);
    consul.forget();
    await consul.start();
    await until("nobody is known", 30, () => edge.stderr().includes("Consul knows of no instance"));
    for (const instance of instances) {
      if (["one", "four"].includes(instance.name)) await register(instance);
    }
    const five = await start("five");
    await register(five);
    await untilAsked(five);
    const outcomes = await load.stop();
    console.log(`      ${outcomes["201"]} requests, 0 failed`);
    assert.deepEqual(Object.keys(outcomes), ["201"]);
  });

  it("ends well when it is told to", async () => {
    assert.equal(await watch.stop("SIGTERM"), 0);
  });
});
