import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type ConsulLink, type Instance, openConsul } from "../../../apps/shared/consul.ts";
import { createLogger } from "../../../apps/shared/log.ts";
import { startConsul, type TrialConsul, whyNoConsul } from "../../apps/consul.ts";
import { until } from "../../until.ts";

type Kind = "http" | "tcp" | "ttl";

const PROGRAM = join(__dirname, "../../apps/consulPod.ts");
/** What a registration promises; seconds. */
const PROMISED = 5;
const BACK = 2;

/** Seconds that `what` takes, printed. */
async function count(what: string, most: number, look: () => unknown): Promise<number> {
  const begin = performance.now();
  await until(what, most + 10, async () => Boolean(await look()));
  const seconds = (performance.now() - begin) / 1000;
  console.log(`      ${what}: ${seconds.toFixed(2)} s`);
  assert.ok(seconds <= most, `${what}: ${seconds} s, promised: ${most} s`);
  return seconds;
}

describe("apps and a real Consul with ACLs and mutual TLS", function () {
  this.timeout(300_000);
  let consul: TrialConsul;
  let watcher: ConsulLink;
  /** Passing instances as the watcher was last told. */
  let passing: readonly Instance[] = [];
  const pods: ChildProcess[] = [];

  before(async function () {
    const reason = whyNoConsul();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    consul = await startConsul();
    watcher = openConsul(consul.settings("watcher"), createLogger("test", "silent", 2));
    watcher.watch("trial", (instances) => {
      passing = instances;
    });
  });

  afterEach(() => {
    for (const pod of pods.splice(0)) pod.kill("SIGKILL");
  });

  after(async () => {
    await watcher?.close();
    await consul?.remove();
  });

  /** Starts a pod and waits until it is registered. */
  async function start(name: string, kind: Kind): Promise<ChildProcess> {
    const args = ["--require", "tsx/cjs", PROGRAM, JSON.stringify(consul.settings(name)), kind];
    const pod = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "inherit"] });
    pods.push(pod);
    await until(`${name} is registered`, 30, async () => (await statusOf(name)) !== undefined);
    return pod;
  }

  const say = (pod: ChildProcess, state: string) => pod.stdin?.write(`${state}\n`);
  const isPassing = (name: string) => passing.some(({ id }) => id === name);

  /** Status of an instance's check in the catalog; undefined where it is not registered. */
  async function statusOf(name: string): Promise<string | undefined> {
    const checks = await consul.ask("GET", "/v1/health/checks/trial");
    const found = (checks as { readonly ServiceID: string; readonly Status: string }[]).find(
      ({ ServiceID }) => ServiceID === name,
    );
    return found?.Status;
  }

  async function stop(pod: ChildProcess, name: string): Promise<void> {
    pod.kill("SIGTERM");
    const gone = async () => !isPassing(name) && (await statusOf(name)) === undefined;
    await count(`${name}: SIGTERM to gone`, PROMISED, gone);
  }

  for (const kind of ["http", "ttl"] as const) {
    it(`show an instance by its ${kind} check when it is ready, and only then`, async () => {
      const pod = await start(kind, kind);
      assert.deepEqual([await statusOf(kind), isPassing(kind)], ["critical", false]);
      say(pod, "ready");
      await count(`${kind}: ready to found`, PROMISED, () => isPassing(kind));
      assert.deepEqual(passing, [{ id: kind, address: "127.0.0.1", port: 1234 }]);
      say(pod, "draining");
      await count(`${kind}: not ready to hidden`, PROMISED, () => !isPassing(kind));
      say(pod, "ready");
      await until("it is back", PROMISED, () => isPassing(kind));
      await stop(pod, kind);
    });
  }

  it("show an instance by its tcp check as long as it listens", async () => {
    const pod = await start("tcp", "tcp");
    await count("tcp: registered to found", PROMISED, () => isPassing("tcp"));
    await stop(pod, "tcp");
  });

  it("hide an instance that crashed", async () => {
    const crashed = await Promise.all(
      (["http", "tcp", "ttl"] as const).map(async (kind) => {
        const name = `crashed-${kind}`;
        say(await start(name, kind), "ready");
        return name;
      }),
    );
    await until("all are found", PROMISED * 2, () => crashed.every(isPassing));
    for (const pod of pods) pod.kill("SIGKILL");
    await Promise.all(
      crashed.map((name) => count(`${name}: killed to hidden`, 11, () => !isPassing(name))),
    );
  });

  it("register again with a Consul that was away and has forgotten them", async () => {
    const http = await start("away-http", "http");
    const ttl = await start("away-ttl", "ttl");
    for (const pod of [http, ttl]) say(pod, "ready");
    const both = ["away-http", "away-ttl"];
    await until("both are found", PROMISED * 2, () => both.every(isPassing));
    await consul.kill();
    consul.forget();
    await consul.start();
    const agentHas = async () => {
      const services = (await consul.ask("GET", "/v1/agent/services")) as object;
      return both.every((name) => name in services);
    };
    await count("leader to registered again", BACK, agentHas);
    await until("both are found again", PROMISED * 2, () => both.every(isPassing));
    await Promise.all([stop(http, "away-http"), stop(ttl, "away-ttl")]);
  });

  it("come back with another token when theirs is deleted, and their entry with it", async () => {
    const pod = await start("token", "http");
    say(pod, "ready");
    await until("it is found", PROMISED * 2, () => isPassing("token"));
    const { Node, Meta } = await entryOf("token");
    await consul.ask("DELETE", `/v1/acl/token/${Meta.accessor}`);
    await consul.ask("PUT", "/v1/catalog/deregister", { Node: Node.Node, ServiceID: "token" });
    await count("token deleted to found again", PROMISED, async () => {
      const entry = await entryOf("token").catch(() => undefined);
      return entry && entry.Meta.accessor !== Meta.accessor && isPassing("token");
    });
    await stop(pod, "token");
  });

  it("log out when they go", async () => {
    const pod = await start("logout", "http");
    const { Meta } = await entryOf("logout");
    const ended = new Promise((resolve) => pod.once("exit", resolve));
    await stop(pod, "logout");
    assert.equal(await ended, 0);
    await assert.rejects(consul.ask("GET", `/v1/acl/token/${Meta.accessor}`), {
      status: 403,
      unknownToken: true,
    });
  });

  /** An instance's entry in the catalog. Throws where there is none. */
  async function entryOf(name: string) {
    const entries = (await consul.ask("GET", "/v1/health/service/trial")) as {
      readonly Node: { readonly Node: string };
      readonly Service: { readonly ID: string; readonly Meta: { readonly accessor: string } };
    }[];
    const found = entries.find(({ Service }) => Service.ID === name);
    if (!found) throw new Error(`no entry of ${name}`);
    return { Node: found.Node, Meta: found.Service.Meta };
  }
});
