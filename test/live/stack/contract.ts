import assert from "node:assert/strict";
import type { spawnSync } from "node:child_process";
import { request } from "node:http";
import { until } from "../../until.ts";
import type { Stack } from "./fixture.ts";

/** `make` as a function. */
export type Make = (...args: string[]) => ReturnType<typeof spawnSync>;

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

function call(method: string, url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { statusCode = 0, headers } = response;
        const body = Buffer.concat(chunks).toString("utf8");
        resolve({ status: statusCode, type: headers["content-type"], body });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** What a person does first: outputs, one request, one look at the log; and that a second up is idle. */
export function contract(stack: () => Stack, make: Make): void {
  describe("as a person meets it", () => {
    const url = () => String(make("output", "name=urls.web").stdout).trim();

    it("prints its outputs", () => {
      assert.match(url(), /^http:\/\/10\.200\.0\.1:\d+$/);
      assert.equal(String(make("output", "name=context").stdout), "sandbox\n");
      assert.equal(String(make("output", "name=networkPolicies").stdout), "enforced\n");
      const endpoints = JSON.parse(String(make("output", "name=endpoints").stdout));
      assert.deepEqual(endpoints, {
        consul: "consul-agent.consul.svc:8501",
        kafka: "kafka.kafka.svc:9093",
        zookeeper: "zookeeper.zookeeper.svc:2281",
      });
    });

    it("takes a text and prints it", async () => {
      const base = url();
      const text = `hello wörld ${Date.now()}`;
      const answer = await call("POST", `${base}/api/publish/${encodeURIComponent(text)}`);
      const plain = "text/plain; charset=utf-8";
      assert.deepEqual(answer, { status: 201, type: plain, body: "Alrighty then!" });
      const line = new RegExp(`^Topic: web-greetings Partition: \\d+ Offset: \\d+ – ${text}$`, "m");
      const log = () => String(make("logs", "app=worker").stdout);
      await until("the Worker's line", 30, async () => line.test(log()));
      assert.match(log(), /^Running!$/m);
    });

    it("answers its other requests by the letter", async () => {
      const base = url();
      const type = "text/plain; charset=utf-8";
      const missing = { status: 404, type, body: "The requested resource was not found" };
      assert.deepEqual(await call("GET", `${base}/health`), { status: 200, type, body: "Alive!" });
      assert.deepEqual(await call("GET", `${base}/nothing`), missing);
      assert.deepEqual(await call("GET", `${base}/api/publish/text`), missing);
      assert.deepEqual(await call("GET", `${base}/metrics`), missing);
      const names = (await stack().pods("api")).map((pod) => pod.metadata.name);
      const { body } = await call("GET", `${base}/health/hostname`);
      assert.ok(names.includes(body), `${body} is one of ${names.join(", ")}`);
      assert.equal((await call("POST", `${base}/api/publish/`)).status, 400);
      assert.equal((await call("POST", `${base}/api/publish/%ff`)).status, 400);
      assert.equal((await call("POST", `${base}/api/publish/${"x".repeat(65_537)}`)).status, 413);
      assert.equal((await call("POST", `${base}/api/publish/${"x".repeat(65_536)}`)).status, 201);
    });

    it("changes nothing in a second up, a preview and a refresh", async () => {
      for (const operation of ["up", "preview", "refresh"]) {
        const { code, text } = await stack().pulumi(operation);
        assert.equal(code, 0, text);
        assert.match(text, /Resources:\n {4}\d+ unchanged\n/, `${operation}: ${text}`);
      }
    });

    it("has nothing secret in the clear in its exported state", async () => {
      const exported = await stack().ask("pulumi", "stack", "export", "--stack", "dev");
      const { items } = await stack().get<{ items: { data?: Record<string, string> }[] }>(
        "secrets",
        "-A",
        "-l",
        "app.kubernetes.io/part-of=web-greetings",
      );
      const keys = items.flatMap(({ data }) => Object.values(data ?? {}));
      const block = /BEGIN [A-Z ]*PRIVATE KEY-----\n([\s\S]+?)\n-----END/g;
      const privateKeys = keys
        .map((value) => Buffer.from(value, "base64").toString("utf8"))
        .flatMap((text) => [...text.matchAll(block)].map(([, body]) => body ?? ""));
      // The last full line of a key: the first ones say only which kind of key it is.
      const secrets = privateKeys.map((body) => body.split("\n").at(-2) ?? body);
      assert.ok(secrets.length >= 5 && secrets.every((line) => line.length === 64));
      const clear = secrets.filter((line) => exported.includes(line));
      const encoded = keys.filter((value) => exported.includes(value.slice(0, 120)));
      const hidden = encoded.filter((value) => atob(value).includes("PRIVATE KEY"));
      console.log(
        `      ${secrets.length} private keys looked for: ${clear.length} in the clear, ` +
          `${hidden.length} in base64`,
      );
      assert.deepEqual([clear, hidden], [[], []]);
      // Tokens and keys of one line, of Consul.
      const words = keys
        .map((value) => Buffer.from(value, "base64").toString("utf8").trim())
        .filter((text) => /^[\w+/=-]{30,64}$/.test(text));
      assert.ok(words.length >= 4, `${words.length} tokens`);
      const known = words.filter(
        (word) => exported.includes(word) || exported.includes(btoa(word)),
      );
      console.log(`      ${words.length} tokens looked for: ${known.length} in the clear`);
      assert.deepEqual(known, []);
    });
  });
}
