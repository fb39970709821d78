import assert from "node:assert/strict";
import { connect } from "node:tls";
import type { FastifyInstance } from "fastify";
import { buildServer } from "../../../../apps/api/src/server.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Registry } from "../../../../apps/shared/metrics-server.ts";
import { freePort } from "../../../apps/broker.ts";
import { raw } from "../../../apps/raw.ts";
import { until } from "../../../until.ts";
import { fill } from "../../../workloads/edge/fill.ts";
import { essence, rawTls } from "./client.ts";
import { makeEdge, type TrialEdge, whyNoNginx } from "./nginx.ts";

/** A request, whole; the connection ends with its answer. */
function head(line: string, more = ""): string {
  return `${line}\r\nhost: localhost\r\nconnection: close\r\n${more}\r\n`;
}

/** The real API, whose texts go nowhere. */
function buildApi(texts: Buffer[]): FastifyInstance {
  return buildServer({
    publisher: {
      publish: async (text) => {
        texts.push(Buffer.from(text));
      },
    },
    hostname: "api-1",
    version: "1.2.3",
    draining: () => false,
    registry: new Registry(),
    log: createLogger("test", "silent", 2),
  });
}

describe("the API through the edge", function () {
  this.timeout(60_000);
  const texts: Buffer[] = [];
  let api: FastifyInstance;
  let apiPort: number;
  let edge: TrialEdge;

  before(async function () {
    const reason = await whyNoNginx();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    api = buildApi(texts);
    apiPort = await freePort();
    await api.listen({ port: apiPort, host: "127.0.0.1" });
    edge = await makeEdge();
    await edge.start();
    edge.tell(fill([apiPort]));
    await until("the API is there", 5, async () => {
      return (await through("GET /health HTTP/1.1")).status === 200 && edge.isSettled();
    });
  });

  after(async () => {
    await edge?.remove();
    await api?.close();
  });

  const through = async (line: string, more?: string) =>
    essence(await rawTls(edge.port, edge.tls, head(line, more)));
  const straight = async (line: string, more?: string) =>
    essence(await raw(apiPort, head(line, more)));

  const long = "a".repeat(65_536);
  const same: [string, string, number, string?][] = [
    ["a text", "POST /api/publish/hello%20w%C3%B6rld HTTP/1.1", 201],
    ["slashes, plus and query", "POST /api/publish/a//b/./c+d%3F?e HTTP/1.1", 201],
    ["a text that climbs, but stays", "POST /api/publish/a/../b HTTP/1.1", 201],
    ["escaped slashes and percents", "POST /api/publish/%2F%25%23%2e%2E HTTP/1.1", 201],
    ["quotes, braces and variables", 'POST /api/publish/"{}$host`|^<> HTTP/1.1', 201],
    ["raw UTF-8", "POST /api/publish/w\u00c3\u00b6 HTTP/1.1", 400],
    ["the longest text", `POST /api/publish/${long} HTTP/1.1`, 201],
    ["the longest text, escaped", `POST /api/publish/${"%61".repeat(65_536)} HTTP/1.1`, 201],
    ["a text one byte too long", `POST /api/publish/${long}a HTTP/1.1`, 413],
    ["a request line that is too long", `POST /${"a".repeat(213_000)} HTTP/1.1`, 413],
    ["headers that are too long", "GET /health HTTP/1.1", 413, `x: ${"a".repeat(213_000)}\r\n`],
    ["an empty text", "POST /api/publish/ HTTP/1.1", 400],
    ["a bad escape", "POST /api/publish/a%zz HTTP/1.1", 400],
    ["a bad escape at the end", "POST /api/publish/a%4 HTTP/1.1", 400],
    ["a text that is not UTF-8", "POST /api/publish/%ff HTTP/1.1", 400],
    ["a bad escape elsewhere", "GET /%zz HTTP/1.1", 404],
    ["a path that climbs out", "GET /../health HTTP/1.1", 404],
    ["health", "GET /health HTTP/1.1", 200],
    ["health with a query", "GET /health?a=%zz HTTP/1.1", 200],
    ["the host name", "GET /health/hostname HTTP/1.1", 200],
    ["the version", "GET /version HTTP/1.1", 200],
    ["a path that is not there", "GET /health/ HTTP/1.1", 404],
    ["a place of the edge's own", "GET /.edge/not-http HTTP/1.1", 404],
    ["a method that is not for it", "DELETE /version HTTP/1.1", 404],
    ["a method that nginx refuses", "TRACE /version HTTP/1.1", 404],
    ["a method that is seldom", "PROPFIND / HTTP/1.1", 404],
    ["no HTTP", "hello", 400],
  ];
  for (const [name, line, status, more] of same) {
    it(`is as straight: ${name}`, async () => {
      const answer = await through(line, more);
      assert.equal(answer.status, status);
      assert.deepEqual(answer, await straight(line, more));
    });
  }

  it("is as straight: a body, which is not read", async () => {
    const size = 2 * 1024 * 1024;
    const more = `content-type: text/x\r\ncontent-length: ${size}\r\n\r\n${"a".repeat(size)}`;
    const line = "POST /api/publish/b HTTP/1.1";
    assert.deepEqual(await through(line, more), await straight(line, more));
  });

  it("publishes the very bytes of a text", async () => {
    texts.length = 0;
    await through("POST /api/publish/a//b/../c%2F%252F+%F0%9F%9A%80?q HTTP/1.1");
    assert.deepEqual(texts.map(String), ["a//b/../c/%2F+🚀"]);
  });

  const refused: [string, string][] = [
    ["%00", "POST /api/publish/a%00b HTTP/1.1"],
    ["a way out of its path", "POST /api/publish/../../../a HTTP/1.1"],
  ];
  for (const [name, line] of refused) {
    it(`fails, other than straight, for a text with ${name}`, async () => {
      assert.deepEqual(await through(line), {
        status: 400,
        type: "text/plain; charset=utf-8",
        body: "The text holds %00, or leads out of its path by /../",
        retryAfter: undefined,
      });
    });
  }

  it("fails in plain text where HTTPS is spoken", async () => {
    const answer = essence(await raw(edge.port, head("GET /health HTTP/1.1")));
    assert.deepEqual([answer.status, answer.body], [400, "This port speaks HTTPS"]);
  });

  it("fails over TLS 1.1", async () => {
    const versions = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1" } as const;
    const options = { port: edge.port, host: "127.0.0.1", rejectUnauthorized: false };
    // The client, too, has to be talked into it.
    const socket = connect({ ...options, ...versions, ciphers: "ALL@SECLEVEL=0" });
    const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      socket.once("error", resolve).once("secureConnect", () => reject(new Error("connected")));
    });
    assert.equal(error.code, "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });
});
