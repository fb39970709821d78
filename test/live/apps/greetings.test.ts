import assert from "node:assert/strict";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { bundle } from "../../../apps/build.ts";
import { applyTopics } from "../../../apps/kafka-agent/src/topics.ts";
import { openAdmin } from "../../../apps/shared/kafka.ts";
import { startCluster, type TrialCluster, whyNoKafka } from "../../apps/broker.ts";
import { type AppProcess, startApp } from "../../apps/processes.ts";
import { raw } from "../../apps/raw.ts";
import { runLoad } from "../../bench/load.ts";
import { until } from "../../until.ts";

const TOPIC = "web-greetings";
const DEADLINE_MS = 5000;

/** An answer without its date. */
async function ask(port: number, method: string, target: string): Promise<string> {
  const head = `${method} ${target} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n`;
  return (await raw(port, head)).replace(/Date: [^\r]*\r\n/, "");
}

function plain(status: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}

/** Texts of the Worker's lines. */
function textsOf(...workers: readonly AppProcess[]): string[] {
  const line = /^Topic: web-greetings Partition: \d+ Offset: \d+ – (.*)$/;
  return workers.flatMap((worker) =>
    worker
      .stdout()
      .split("\n")
      .flatMap((one) => line.exec(one)?.[1] ?? []),
  );
}

describe("API and Worker on three brokers", function () {
  this.timeout(300_000);
  let cluster: TrialCluster;
  let kafka: Record<string, string>;
  let contexts: { api: string; worker: string; agent: string };
  const running: AppProcess[] = [];

  before(async function () {
    const reason = whyNoKafka();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    contexts = { api: bundle("api"), worker: bundle("worker"), agent: bundle("kafka-agent") };
    cluster = await startCluster(3);
    const { caFile, certFile, keyFile } = cluster.tls;
    kafka = {
      KAFKA_BROKERS: cluster.secure.join(","),
      KAFKA_CA_FILE: caFile,
      KAFKA_CERT_FILE: certFile,
      KAFKA_KEY_FILE: keyFile,
      PUBLISH_DEADLINE_MS: `${DEADLINE_MS}`,
      DRAIN_MS: "500",
    };
    const admin = openAdmin({ brokers: cluster.plain, tls: undefined, clientId: "test" });
    await applyTopics(admin, [{ name: TOPIC, partitions: 6, replicas: 3, config: {} }], {
      deadlineMs: 60_000,
      now: () => performance.now(),
      pause: (ms) => pause(ms),
      print: () => {},
    });
    await admin.close();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.stop("SIGKILL")));
  });

  after(async () => {
    await cluster?.stop();
  });

  async function start(app: "api" | "worker", ready = true): Promise<AppProcess> {
    const started = await startApp(contexts[app], app, kafka);
    running.push(started);
    if (ready) {
      await until(`${app} is ready`, 30, async () => (await started.admin("/readyz")) === 200);
    }
    return started;
  }

  it("keep the contract byte for byte", async () => {
    const [api, worker] = [await start("api"), await start("worker")];
    const { port } = api;
    const created = plain("201 Created", "Alrighty then!");
    assert.equal(await ask(port, "POST", "/api/publish/hello%20w%C3%B6rld"), created);
    assert.equal(await ask(port, "POST", "/api/publish/a/b+c%3F?d"), created);
    assert.equal(await ask(port, "POST", `/api/publish/${"%C3%B6".repeat(32_768)}`), created);
    assert.equal(await ask(port, "GET", "/health"), plain("200 OK", "Alive!"));
    assert.equal(await ask(port, "GET", "/health/hostname"), plain("200 OK", hostname()));
    const notFound = plain("404 Not Found", "The requested resource was not found");
    for (const [method, target] of [
      ["GET", "/api/publish/a"],
      ["POST", "/api/publish"],
      ["POST", "/health"],
      ["DELETE", "/version"],
      ["GET", "/health/"],
      ["GET", "/%zz"],
      ["PROPFIND", "/"],
    ] as const) {
      assert.equal(await ask(port, method, target), notFound, `${method} ${target}`);
    }
    const empty = plain("400 Bad Request", "The text is empty");
    assert.equal(await ask(port, "POST", "/api/publish/"), empty);
    const tooLong = "The text is longer than 65536 bytes";
    const long = `/api/publish/${"a".repeat(65_537)}`;
    assert.equal(await ask(port, "POST", long), plain("413 Payload Too Large", tooLong));
    assert.match(await ask(port, "POST", `/${"a".repeat(213_000)}`), /^HTTP\/1\.1 413 /);
    await until("three are printed", 20, () => textsOf(worker).length === 3);
    assert.equal(worker.stdout().slice(0, 9), "Running!\n");
    assert.deepEqual(textsOf(worker).sort(), ["a/b+c?", "hello wörld", "ö".repeat(32_768)].sort());
  });

  it("end under load without a dropped request, and print every text that was taken", async () => {
    const [api, worker] = [await start("api"), await start("worker")];
    const target = (n: number) => `/api/publish/drop-${n}`;
    const load = { host: "127.0.0.1", port: api.port, connections: 20, method: "POST" as const };
    await runLoad({ ...load, seconds: 1, target: (n) => `/api/publish/warm-${n}` });
    const loading = runLoad({ ...load, seconds: 0.8, target });
    await until("requests come in", 10, async () => (await api.admin("/readyz")) === 200);
    const [stopped, result] = await Promise.all([api.stop("SIGTERM"), loading]);
    assert.equal(stopped.code, 0);
    const taken = result.statuses.get(201) ?? 0;
    assert.ok(taken > 0);
    // Only once it no longer listens may a connection be refused: never is one cut off.
    assert.deepEqual(
      [...result.statuses.keys()].filter((status) => status !== 201 && status !== 0),
      [],
    );
    const printed = () => textsOf(worker).filter((text) => text.startsWith("drop-"));
    await until("all are printed", 20, () => new Set(printed()).size >= taken);
    assert.equal(new Set(printed()).size, taken);
  });

  it("share the partitions of a group and hand them over without a loss", async () => {
    const [api, first] = [await start("api"), await start("worker")];
    const load = { host: "127.0.0.1", port: api.port, connections: 8, method: "POST" as const };
    const loading = runLoad({ ...load, seconds: 14, target: (n) => `/api/publish/share-${n}` });
    const second = await start("worker");
    const third = await start("worker");
    const gone = await second.stop("SIGTERM");
    assert.equal(gone.code, 0);
    assert.ok(gone.ms < 10_000, `took ${gone.ms} ms`);
    const { statuses } = await loading;
    const taken = statuses.get(201) ?? 0;
    assert.deepEqual([...statuses.keys()], [201]);
    const printed = () => textsOf(first, second, third).filter((text) => text.startsWith("share-"));
    await until("all are printed", 30, () => new Set(printed()).size === taken);
    console.log(`      ${taken} texts, ${printed().length - taken} printed again`);
  });

  it("lose nothing while a broker is killed, and one is stopped and comes back", async () => {
    const [api, worker] = [await start("api"), await start("worker")];
    const load = { host: "127.0.0.1", port: api.port, connections: 16, method: "POST" as const };
    const taken = new Set<string>();
    const loading = runLoad({
      ...load,
      seconds: 25,
      target: (n) => `/api/publish/kill-${n}`,
      onAnswer: (target, status) => {
        if (status === 201) {
          taken.add(target.slice("/api/publish/".length));
        }
      },
    });
    const [killed, rolled] = [cluster.brokers[1], cluster.brokers[2]];
    assert.ok(killed && rolled);
    await killed.stop("SIGKILL");
    await killed.start();
    await until("the first is in sync", 60, () => inSync(1));
    await rolled.stop("SIGTERM");
    await rolled.start();
    await until("the second is in sync", 60, () => inSync(2));
    const { statuses } = await loading;
    const printed = () => textsOf(worker).filter((text) => text.startsWith("kill-"));
    await until("all are printed", 60, () => {
      const seen = new Set(printed());
      return [...taken].every((text) => seen.has(text));
    });
    const again = printed().length - new Set(printed()).size;
    console.log(`      ${JSON.stringify([...statuses])}, ${again} printed again`);
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 201 && status !== 503),
      [],
    );
  });

  it("answer 503 within the deadline while all brokers are away, and come back by themselves", async () => {
    const [api, worker] = [await start("api"), await start("worker")];
    await Promise.all(cluster.brokers.map((broker) => broker.stop("SIGKILL")));
    const begin = performance.now();
    const answer = await ask(api.port, "POST", "/api/publish/away");
    const took = performance.now() - begin;
    assert.match(answer, /^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n/s);
    assert.ok(took < DEADLINE_MS + 500, `took ${took} ms`);
    await until("neither is ready", 30, async () =>
      (await Promise.all([api.admin("/readyz"), worker.admin("/readyz")])).every((s) => s === 503),
    );
    assert.deepEqual([await api.admin("/livez"), await worker.admin("/livez")], [200, 200]);
    await Promise.all(cluster.brokers.map((broker) => broker.start()));
    await until("the API is ready", 60, async () => (await api.admin("/readyz")) === 200);
    await until("a text is taken", 60, async () =>
      (await ask(api.port, "POST", "/api/publish/back")).startsWith("HTTP/1.1 201 "),
    );
    await until("it is printed", 60, () => textsOf(worker).includes("back"));
  });

  async function inSync(id: number): Promise<boolean> {
    const env = { ...kafka, POD_NAME: `kafka-${id}`, POLL_MS: "200" };
    const agent = await startApp(contexts.agent, "kafka-agent", env, ["watch"]);
    running.push(agent);
    await until(`broker ${id} is in sync`, 60, async () => (await agent.admin("/readyz")) === 200);
    return true;
  }
});
