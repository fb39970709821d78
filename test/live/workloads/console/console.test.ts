import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { freePort } from "../../../apps/broker.ts";
import { makeCertificates, type TrialTls } from "../../../apps/certificates.ts";
import { until } from "../../../until.ts";
import { whyNoNginx } from "../edge/nginx.ts";
import { startConsole, type TrialConsole } from "./nginx.ts";

/** What an interface was asked. */
interface Asked {
  readonly line: string;
  /** Common name of the certificate that it was shown. */
  readonly by: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function textOf(stream: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    stream.on("end", () => resolve(text)).on("error", reject);
  });
}

const listening: Server[] = [];

/** A server that takes nobody without a certificate of its authority. */
async function serve(
  tls: TrialTls,
  answer: (asked: IncomingMessage, response: ServerResponse) => unknown,
): Promise<number> {
  const [ca, cert, key] = [tls.caFile, tls.certFile, tls.keyFile].map((f) => readFileSync(f));
  const demand = { requestCert: true, rejectUnauthorized: true };
  const server = createServer({ ca, cert, key, ...demand }, answer);
  listening.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("the console", function () {
  this.timeout(60_000);
  let strangers = "";
  let console_: TrialConsole;
  const asked: Asked[] = [];

  before(async function () {
    const reason = await whyNoNginx();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    strangers = mkdtempSync(join(tmpdir(), "strangers-"));
    const stranger = makeCertificates(strangers).server;
    console_ = await startConsole(async (server) => {
      const good = await serve(server, async (of, response) => {
        const by = (of.socket as TLSSocket).getPeerCertificate().subject.CN;
        const body = await textOf(of);
        asked.push({ line: `${of.method} ${of.url}`, by: `${by}`, headers: of.headers, body });
        response.writeHead(201, { "x-consul-index": "7", "content-length": 11 }).end("consul says");
      });
      const silent = await serve(server, () => undefined);
      // It has the right name, and takes any certificate; nobody that we trust vouches for it.
      const false_ = await serve({ ...stranger, caFile: server.caFile }, (_, response) => {
        response.end("caught");
      });
      const at = (name: string, port: number, host = "localhost") => {
        return { name, host: `${name}.yourcom.example`, server: host, port, path: "/ui/" };
      };
      return [
        at("consul", good),
        { ...at("grafana", good), path: "/" },
        at("silent", silent),
        at("away", await freePort()),
        at("false", false_),
        // Its certificate is for localhost.
        at("other", good, "127.0.0.1"),
      ];
    });
  });

  after(async () => {
    await console_?.remove();
    for (const server of listening) {
      server.close();
      server.closeAllConnections();
    }
    if (strangers) rmSync(strangers, { recursive: true });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  function ask(
    host: string,
    path: string,
    { headers = {}, body = "", method = "GET" } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          port: console_.port,
          host: "127.0.0.1",
          agent: false,
          // As the load balancer: whose certificate it is, it does not look at.
          rejectUnauthorized: false,
          path,
          method,
          headers: { host, ...headers },
        },
        (response) => {
          textOf(response).then((text) => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
          }, reject);
        },
      );
      sent.on("error", reject).end(body);
    });
  }

  it("passes requests on as they are, under its own certificate, and answers as they come", async () => {
    const more = { method: "PUT", body: "text".repeat(50_000) };
    const { status, headers, body } = await ask("consul.yourcom.example", "/v1/kv/a%2Fb?x=/../y", {
      ...more,
      headers: { "x-consul-token": "token" },
    });
    assert.deepEqual([status, headers["x-consul-index"], body], [201, "7", "consul says"]);
    assert.deepEqual(
      asked.map(({ line, by, headers: of, body: text }) => [
        line,
        by,
        of["x-consul-token"],
        text === more.body,
      ]),
      [["PUT /v1/kv/a%2Fb?x=/../y", "client", "token", true]],
    );
  });

  it("says for whom it asks, and nothing of their login", async () => {
    await ask("consul.yourcom.example", "/ui/", {
      headers: {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "http",
        "X-Amzn-Oidc-Accesstoken": "secret",
        "X-Amzn-Oidc-Data": "secret",
        "X-Amzn-Oidc-Identity": "someone",
        X_Amzn_Oidc_Data: "secret",
      },
    });
    assert.deepEqual(asked[0]?.headers, {
      host: "consul.yourcom.example",
      "x-forwarded-for": "198.51.100.7",
      "x-forwarded-host": "consul.yourcom.example",
      "x-forwarded-proto": "https",
    });
  });

  it("sends people from the root to the first page, where that is another", async () => {
    const { status, headers } = await ask("consul.yourcom.example", "/");
    assert.deepEqual([status, headers.location, asked.length], [302, "/ui/", 0]);
    assert.equal((await ask("grafana.yourcom.example", "/")).status, 201);
    assert.deepEqual(
      asked.map(({ line }) => line),
      ["GET /"],
    );
  });

  it("tells the load balancer alone that it can serve, or that it goes, and then serves on", async () => {
    const well = await ask("192.0.2.10:30443", "/healthz");
    const stay = console_.leave();
    const leaving = await ask("192.0.2.10:30443", "/healthz");
    await ask("consul.yourcom.example", "/healthz");
    stay();
    assert.deepEqual([well.status, well.body], [200, "ok\n"]);
    assert.deepEqual([leaving.status, leaving.body], [503, "leaving\n"]);
    assert.equal(asked.map(({ line }) => line).join(), "GET /healthz");
  });

  for (const host of ["web.yourcom.example", "192.0.2.10", "consul.yourcom.example.evil.example"]) {
    it(`fails under the name ${host}, naming those that it has`, async () => {
      const { status, body } = await ask(host, "/ui/");
      const all = ["consul", "grafana", "silent", "away", "false", "other"];
      const names = all.map((name) => `${name}.yourcom.example`).join(", ");
      assert.deepEqual([status, body], [404, `no such web interface; allowed: ${names}\n`]);
      assert.deepEqual(asked, []);
    });
  }

  const unreached: [string, string, number, string][] = [
    ["that is not there", "away", 502, "away is not there, or is not who it should be\n"],
    ["that nobody vouches for", "false", 502, "false is not there, or is not who it should be\n"],
    [
      "under another name than its certificate's",
      "other",
      502,
      "other is not there, or is not who it should be\n",
    ],
    ["that says nothing", "silent", 504, "silent has not answered within 55 s\n"],
  ];
  for (const [what, name, status, body] of unreached) {
    it(`fails for an interface ${what}`, async () => {
      const answer = await ask(`${name}.yourcom.example`, "/ui/");
      assert.deepEqual([answer.status, answer.body], [status, body]);
      assert.deepEqual(asked, []);
    });
  }

  it("writes down who asked for what, without queries and tokens", async () => {
    await ask("consul.yourcom.example", "/v1/acl/token/self?token=secret", {
      headers: {
        "X-Forwarded-For": '"},{"a":"b", 198.51.100.7',
        "X-Amzn-Oidc-Identity": 'd9b7"\u00e4',
        "X-Amzn-Oidc-Accesstoken": "secret",
        "X-Consul-Token": "secret",
      },
    });
    const logged = () => console_.accessLog().filter(({ path }) => `${path}`.includes("/acl/"));
    await until("the request is logged", 5, () => logged().length > 0);
    const [{ time, seconds, ...rest } = {}] = logged();
    assert.deepEqual([typeof time, typeof seconds], ["string", "number"]);
    assert.deepEqual(rest, {
      operator: 'd9b7"\ufffd',
      client: "198.51.100.7",
      host: "consul.yourcom.example",
      method: "GET",
      path: "/v1/acl/token/self",
      status: 201,
      bytes: 11,
    });
  });
});
