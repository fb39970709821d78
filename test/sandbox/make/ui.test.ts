import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Server as HttpServer, request } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { Session } from "../../../sandbox/make/session.ts";
import { startProxy, ui } from "../../../sandbox/make/ui.ts";
import { makeCertificates } from "../../apps/certificates.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

const portOf = (server: HttpServer | Server) => (server.address() as AddressInfo).port;

function ask(port: number, headers: Record<string, string>, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: "/ui/?a=b", method: "POST", headers };
    const sent = request({ ...options, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on("error", reject).end(body);
  });
}

describe("a web interface brought to this machine", () => {
  let folder = "";
  let behind: Server;
  let proxy: HttpServer;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "ui-"));
    const { server, client } = makeCertificates(folder);
    const read = (file: string) => readFileSync(file, "utf8");
    const options = {
      ca: read(server.caFile),
      cert: read(server.certFile),
      key: read(server.keyFile),
      requestCert: true,
      rejectUnauthorized: true,
    };
    behind = createServer(options, (asked, response) => {
      const by = (asked.socket as TLSSocket).getPeerCertificate().subject.CN;
      const { host, "x-consul-token": token } = asked.headers;
      asked.setEncoding("utf8").on("data", (body: string) => {
        response.writeHead(201).end([asked.method, asked.url, host, token, by, body].join(" "));
      });
    });
    await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
    proxy = await startProxy({
      port: portOf(behind),
      host: "localhost",
      tls: {
        keyPem: read(client.keyFile),
        certPem: read(client.certFile),
        caPem: read(client.caFile),
      },
    });
  });

  after(() => {
    for (const server of [proxy, behind]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true });
  });

  it("is asked with the operator's certificate, under its own name", async () => {
    const answer = await ask(portOf(proxy), { host: "localhost:1", "x-consul-token": "t" }, "body");
    assert.deepEqual(answer, { status: 201, body: "POST /ui/?a=b localhost t client body" });
  });

  it("listens on loopback alone, and refuses what was asked for under another name", async () => {
    assert.equal((proxy.address() as AddressInfo).address, "127.0.0.1");
    assert.deepEqual(await ask(portOf(proxy), { host: "rebound.example" }), {
      status: 421,
      body: "asked for rebound.example; allowed: localhost, 127.0.0.1\n",
    });
  });

  it("says so when nothing answers behind it", async () => {
    const tls = { keyPem: "", certPem: "", caPem: "" };
    const alone = await startProxy({ port: 1, host: "localhost", tls });
    try {
      const { status, body } = await ask(portOf(alone), { host: "localhost" });
      assert.equal(status, 502);
      assert.match(body, /^no answer from localhost: .*ECONNREFUSED/);
    } finally {
      alone.close();
    }
  });

  it("is forwarded from where the stack's output says that it is", async () => {
    const session = { stack: "dev", cluster: "context", ownsState: false } as const;
    // A kubectl that writes down what it was asked, and ends.
    writeFileSync(join(folder, "kubectl"), `#!/bin/sh\necho "$*" >${folder}/asked\nexit 3\n`, {
      mode: 0o755,
    });
    const outputs = {
      context: "minikube",
      operator: { keyPem: "", certPem: "", caPem: "" },
      interfaces: { grafana: "https://grafana.monitoring.svc/login" },
    };
    const PATH = `${folder}:${process.env.PATH}`;
    await assert.rejects(ui({ ...session, environment: { PATH } }, outputs, "grafana", undefined), {
      message: "kubectl port-forward ended with 3",
    });
    assert.equal(
      readFileSync(join(folder, "asked"), "utf8"),
      "--context minikube -n monitoring port-forward service/grafana :443\n",
    );
  });

  it("is refused where there is none, and before the stack is up", async () => {
    const session: Session = {
      stack: "dev",
      cluster: "context",
      environment: {},
      ownsState: false,
    };
    const outputs = {
      context: "minikube",
      operator: { keyPem: "", certPem: "", caPem: "" },
      interfaces: { consul: "https://consul.consul.svc:8501/ui/" },
    };
    await assert.rejects(ui(session, outputs, "kafka", undefined), {
      message: '"kafka" has no web interface; allowed: consul',
    });
    await assert.rejects(ui(session, {}, "consul", undefined), {
      message: "the stack is not up; run `make up`",
    });
  });
});
