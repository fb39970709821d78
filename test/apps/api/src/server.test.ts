import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { PublishError } from "../../../../apps/api/src/publishing.ts";
import { buildServer } from "../../../../apps/api/src/server.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Registry } from "../../../../apps/shared/metrics-server.ts";
import { until } from "../../../until.ts";
import { raw } from "../../raw.ts";

const NOT_FOUND = "The requested resource was not found";

/** Status and body of an answer, and those of its headers that are asked for. */
function parse(answer: string, ...names: string[]) {
  const [head = "", body] = answer.split("\r\n\r\n");
  const [line = "", ...rest] = head.split("\r\n");
  const headers = new Map(
    rest.map((one) => [one.slice(0, one.indexOf(":")).toLowerCase(), one.split(": ")[1]]),
  );
  return [Number(line.split(" ")[1]), body, ...names.map((name) => headers.get(name))];
}

describe("the public server", () => {
  let app: FastifyInstance;
  let port: number;
  let registry: Registry;
  let published: string[];
  let publish: (value: Buffer) => Promise<void>;
  let draining: boolean;

  beforeEach(async () => {
    registry = new Registry();
    published = [];
    publish = async () => {};
    draining = false;
    app = buildServer({
      publisher: {
        publish: async (value) => {
          published.push(String(value));
          await publish(value);
        },
      },
      hostname: "api-0",
      version: "1.2.3",
      draining: () => draining,
      registry,
      log: createLogger("test", "silent", 2),
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    port = (app.server.address() as AddressInfo).port;
  });

  afterEach(() => app.close());

  async function ask(method: string, target: string, headers = "") {
    const head = `${method} ${target} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n${headers}\r\n`;
    return parse(await raw(port, head));
  }

  async function counted(): Promise<string[]> {
    const text = await registry.getSingleMetricAsString("web_greetings_api_requests_total");
    return text.split("\n").filter((line) => line.startsWith("web_greetings"));
  }

  it("answers when a text is published, and not before", async () => {
    let acknowledge = (): void => {};
    publish = () =>
      new Promise((resolve) => {
        acknowledge = resolve;
      });
    let answered = false;
    const answer = ask("POST", "/api/publish/hello%20w%C3%B6rld/a+b?c").finally(() => {
      answered = true;
    });
    await until("the text has come", 5, () => published.length === 1);
    assert.deepEqual(await ask("GET", "/health"), [200, "Alive!"]);
    assert.equal(answered, false);
    acknowledge();
    assert.deepEqual(await answer, [201, "Alrighty then!"]);
    assert.deepEqual(published, ["hello wörld/a+b"]);
    assert.deepEqual(await counted(), [
      'web_greetings_api_requests_total{route="/health",status="200"} 1',
      'web_greetings_api_requests_total{route="publish",status="201"} 1',
    ]);
  });

  it("takes no notice of a body, whatever its type", async () => {
    const body = "content-type: application/json\r\ncontent-length: 2\r\n";
    const head = `POST /api/publish/a HTTP/1.1\r\nhost: t\r\nconnection: close\r\n${body}\r\n{!`;
    assert.deepEqual(parse(await raw(port, head)), [201, "Alrighty then!"]);
    assert.deepEqual(published, ["a"]);
  });

  for (const [path, body] of [
    ["/health", "Alive!"],
    ["/health?x=1", "Alive!"],
    ["/health/hostname", "api-0"],
    ["/version", "1.2.3"],
  ] as const) {
    it(`answers ${path} with ${body}`, async () => {
      assert.deepEqual(await ask("GET", path), [200, body]);
    });
  }

  for (const [method, target] of [
    ["GET", "/api/publish/a"],
    ["POST", "/api/publish"],
    ["POST", "/health"],
    ["HEAD", "/version"],
    ["GET", "/health/"],
    ["GET", "/%zz"],
    ["GET", "/%20publish"],
    ["GET", "/%20unknown"],
    ["PROPFIND", "/"],
  ] as const) {
    it(`answers ${method} ${target} with 404, and publishes nothing`, async () => {
      assert.deepEqual(await ask(method, target), [404, method === "HEAD" ? "" : NOT_FOUND]);
      assert.deepEqual(published, []);
    });
  }

  it("refuses what is no text, and publishes nothing", async () => {
    assert.deepEqual(await ask("POST", "/api/publish/"), [400, "The text is empty"]);
    assert.deepEqual(await ask("POST", "/api/publish/%FF"), [400, "The text is not UTF-8"]);
    const long = "a".repeat(65_537);
    const tooLong = [413, "The text is longer than 65536 bytes"];
    assert.deepEqual(await ask("POST", `/api/publish/${long}`), tooLong);
    assert.deepEqual(published, []);
    assert.deepEqual(await counted(), [
      'web_greetings_api_requests_total{route="publish",status="400"} 2',
      'web_greetings_api_requests_total{route="publish",status="413"} 1',
    ]);
  });

  it("refuses a request line that is longer than any text may be", async () => {
    const target = `/api/publish/${"%61".repeat(80_000)}`;
    assert.deepEqual(await ask("POST", target), [413, "The text is longer than 65536 bytes"]);
  });

  it("answers 400 to what is not HTTP, and closes", async () => {
    const answer = parse(await raw(port, "hello\r\n\r\n"), "connection", "content-length");
    assert.deepEqual(answer, [400, "The request is not HTTP", "close", "23"]);
  });

  it("answers 503, and when to come again, to a text that was not published", async () => {
    publish = () => Promise.reject(new PublishError("full", "too many texts are on their way"));
    const request = "POST /api/publish/a HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n";
    assert.deepEqual(parse(await raw(port, request), "retry-after"), [
      503,
      "Not published: too many texts are on their way",
      "1",
    ]);
    assert.deepEqual(await counted(), [
      'web_greetings_api_requests_total{route="publish",status="503"} 1',
    ]);
  });

  it("answers 500 to a fault of its own, without saying which", async () => {
    publish = () => Promise.reject(new TypeError("secret detail"));
    assert.deepEqual(await ask("POST", "/api/publish/a"), [500, "The request failed"]);
  });

  it("sends callers elsewhere while it drains", async () => {
    draining = true;
    const request = "GET /health HTTP/1.1\r\nhost: t\r\n\r\n";
    assert.deepEqual(parse(await raw(port, request), "connection"), [200, "Alive!", "close"]);
  });
});
