import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { root } from "../../../sandbox/make/session.ts";
import { until } from "../../until.ts";
import { type Answer, Client, type WayIn } from "./client.ts";
import type { Stack } from "./fixture.ts";

/** `make` as a function. */
export type Make = (...args: string[]) => ReturnType<typeof spawnSync>;

/** What a person sees of an answer. */
function essence({ status, headers, body }: Answer) {
  return { status, type: headers["content-type"], body };
}

/** What a person does first: outputs, one request, one look at the log; and that a second up is idle. */
export function contract(stack: () => Stack, make: Make): void {
  describe("as a person meets it", () => {
    const url = () => String(make("output", "name=urls.web").stdout).trim();
    const clients: Client[] = [];
    /** Somebody from outside, who was told the outputs, or something else. */
    const come = async (told: Partial<WayIn> = {}) => {
      const client = new Client({ ...(await stack().wayIn()), ...told }, 1);
      clients.push(client);
      return client;
    };
    afterEach(() => {
      for (const client of clients.splice(0)) client.close();
    });

    it("prints its outputs", () => {
      assert.match(url(), /^https:\/\/10\.200\.0\.1:\d+$/);
      assert.equal(String(make("output", "name=context").stdout), "sandbox\n");
      assert.equal(String(make("output", "name=networkPolicies").stdout), "enforced\n");
      const endpoints = JSON.parse(String(make("output", "name=endpoints").stdout));
      assert.deepEqual(endpoints, {
        alertmanager: "alertmanager.prometheus.svc:9093",
        consul: "consul-agent.consul.svc:8501",
        influxdb: "influxdb.influxdb.svc:8086",
        kafka: "kafka.kafka.svc:9093",
        prometheus: "prometheus.prometheus.svc:9090",
        zookeeper: "zookeeper.zookeeper.svc:2281",
      });
    });

    it("takes the line of the README, as it is typed", () => {
      const readme = readFileSync(join(root, "README.md"), "utf8");
      const [line = ""] = /^curl .*$/m.exec(readme) ?? [];
      assert.match(line, /^curl --cacert <\(make /);
      const typed = spawnSync("bash", ["-c", line], { cwd: root, encoding: "utf8" });
      assert.equal(typed.status, 0, typed.stderr);
      assert.equal(typed.stdout, "Alrighty then!");
    });

    it("speaks HTTPS alone, and says so", async () => {
      const answer = await fetch(`${url().replace(/^https:/, "http:")}/health`);
      assert.deepEqual([answer.status, await answer.text()], [400, "This port speaks HTTPS"]);
    });

    it("is trusted by nobody who does not know the stack's authority", async () => {
      assert.equal((await (await come()).send("GET", "/health")).status, 200);
      const strange = await come({ authority: rootCertificates.join("\n") });
      await assert.rejects(strange.send("GET", "/health"), {
        code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      });
    });

    it("takes a text and prints it", async () => {
      const text = `hello wörld ${Date.now()}`;
      const answer = await (await come()).send("POST", `/api/publish/${encodeURIComponent(text)}`);
      const plain = "text/plain; charset=utf-8";
      assert.deepEqual(essence(answer), { status: 201, type: plain, body: "Alrighty then!" });
      const line = new RegExp(`^Topic: web-greetings Partition: \\d+ Offset: \\d+ – ${text}$`, "m");
      const log = () => String(make("logs", "app=worker").stdout);
      await until("the Worker's line", 30, async () => line.test(log()));
      assert.match(log(), /^Running!$/m);
    });

    it("answers its other requests by the letter", async () => {
      const client = await come();
      const get = async (path: string) => essence(await client.send("GET", path));
      const post = async (path: string) => (await client.send("POST", path)).status;
      const type = "text/plain; charset=utf-8";
      const missing = { status: 404, type, body: "The requested resource was not found" };
      assert.deepEqual(await get("/health"), { status: 200, type, body: "Alive!" });
      assert.deepEqual(await get("/nothing"), missing);
      assert.deepEqual(await get("/api/publish/text"), missing);
      assert.deepEqual(await get("/metrics"), missing);
      const names = (await stack().pods("api")).map((pod) => pod.metadata.name);
      const { body } = await get("/health/hostname");
      assert.ok(names.includes(body), `${body} is one of ${names.join(", ")}`);
      assert.equal(await post("/api/publish/"), 400);
      assert.equal(await post("/api/publish/%ff"), 400);
      assert.equal(await post(`/api/publish/${"x".repeat(65_537)}`), 413);
      assert.equal(await post(`/api/publish/${"x".repeat(65_536)}`), 201);
    });

    it("changes nothing in a second up, a preview and a refresh", async () => {
      for (const operation of ["up", "preview", "refresh"]) {
        const begin = Date.now();
        const { code, text } = await stack().pulumi(operation);
        assert.equal(code, 0, text);
        const [, unchanged] = text.match(/Resources:\n {4}(\d+) unchanged\n/) ?? [];
        assert.ok(unchanged, `${operation}: ${text}`);
        const seconds = ((Date.now() - begin) / 1000).toFixed(1);
        console.log(`      ${operation}: ${unchanged} unchanged, ${seconds} s`);
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
