import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { ConsulSettings } from "../../../../apps/shared/consul.ts";
import { until } from "../../../until.ts";
import { makeCertificates } from "../../certificates.ts";

/** Made once a process: openssl takes its time. */
let made: ReturnType<typeof makeCertificates> | undefined;

function certificates(): ReturnType<typeof makeCertificates> {
  if (!made) {
    const folder = mkdtempSync(join(tmpdir(), "consul-tls-"));
    process.once("exit", () => rmSync(folder, { recursive: true }));
    made = makeCertificates(folder);
  }
  return made;
}

/** What an app that needs Consul says when it is told nothing of it. */
export const consulMissing: readonly string[] = [
  "CONSUL_ADDRESS",
  "CONSUL_CA_FILE",
  "CONSUL_CERT_FILE",
  "CONSUL_KEY_FILE",
  "CONSUL_LOGIN_FILE",
  "POD_NAME",
].map((name) => `setting ${name}: missing, but required`);

/** One request that the agent heard. */
export interface Heard {
  readonly asked: string;
  readonly token: string | undefined;
  readonly body: unknown;
  /** Name of the client's certificate. */
  readonly client: string;
}

/** A service as it was registered. */
interface Entry {
  readonly definition: unknown;
  status: string;
  output: string;
}

type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

/**
 * Consul's agent as far as our apps know it: mutual TLS, logins by the service account's token,
 * entries of services. It refuses as the real one does, and can go away, hang and forget.
 */
export class FakeAgent {
  readonly folder = mkdtempSync(join(tmpdir(), "consul-"));
  readonly tls = certificates();
  readonly loginFile = join(this.folder, "login");
  heard: Heard[] = [];
  /** Tokens that are known, and what each may do. */
  readonly tokens = new Map<string, "everything" | "nothing">();
  readonly entries = new Map<string, Entry>();
  /** What the next logins give. */
  grants: "everything" | "nothing" = "everything";
  /** Life of tokens from a login; undefined for ever. */
  lifeMs: number | undefined;
  /** Looks at a new token that find none, for each login. */
  late = 0;
  hanging = false;
  /** Answers that come before all else, in order; a function may wait. */
  readonly next: (Reply | (() => Promise<Reply>))[] = [];
  #logins = 0;
  #unseen = 0;
  #server: Server | undefined;
  #port = 0;

  constructor() {
    writeFileSync(this.loginFile, "login-1\n");
  }

  get settings(): ConsulSettings {
    const { loginFile } = this;
    const address = `localhost:${this.#port}`;
    return { address, ...this.tls.client, loginFile, podName: "api-0", podIp: "10.0.0.7" };
  }

  /** The service that was registered under an id, as the request described it. */
  definition(id: string): Readonly<Record<string, unknown>> {
    return (this.entries.get(id)?.definition ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** Waits until it has heard a request, the last one so far. */
  async hears(asked: string): Promise<void> {
    await until(`the agent hears ${asked}`, 5, () => this.heard.at(-1)?.asked === asked);
  }

  /** Requests heard since the last call, as "METHOD path". */
  take(): string[] {
    return this.heard.splice(0).map(({ asked }) => asked);
  }

  /** Listens, at the port it had before. */
  async start(): Promise<void> {
    const { caFile, certFile, keyFile } = this.tls.server;
    const files = { ca: caFile, cert: certFile, key: keyFile };
    const read = Object.entries(files).map(([key, file]) => [key, readFileSync(file)]);
    const options = { ...Object.fromEntries(read), requestCert: true, rejectUnauthorized: true };
    this.#server = createServer(options, (request, response) => void this.#hear(request, response));
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Goes away; what it knew stays. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString();
    const token = request.headers["x-consul-token"] as string | undefined;
    const body: unknown = text ? JSON.parse(text) : undefined;
    const client = `${(request.socket as TLSSocket).getPeerCertificate().subject.CN}`;
    const asked = `${request.method} ${request.url}`;
    this.heard.push({ asked, token, body, client });
    if (this.hanging) {
      return;
    }
    const first = this.next.shift();
    const ready = typeof first === "function" ? await first() : first;
    const [status, answer, headers] = ready ?? this.#answer(asked, token, body);
    response.writeHead(status, headers);
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  }

  #answer(asked: string, token = "", body: unknown): Reply {
    if (asked === "POST /v1/acl/login") {
      return this.#login();
    }
    const may = this.tokens.get(token);
    if (may === undefined) {
      return [403, "ACL not found"];
    }
    if (asked === "GET /v1/acl/token/self?stale") {
      return this.#unseen-- > 0 ? [403, "ACL not found"] : [200, {}];
    }
    if (asked === "POST /v1/acl/logout") {
      this.tokens.delete(token);
      return [200, true];
    }
    return may === "everything"
      ? this.#serve(asked, body)
      : [403, `Permission denied: token ${token} lacks permission 'service:write'`];
  }

  #login(): Reply {
    const number = ++this.#logins;
    const created = new Date("2026-01-01T00:00:00Z");
    this.#unseen = this.late;
    this.tokens.set(`secret-${number}`, this.grants);
    return [
      200,
      {
        SecretID: `secret-${number}`,
        AccessorID: `accessor-${number}`,
        CreateTime: created.toISOString(),
        ...(this.lifeMs && {
          ExpirationTime: new Date(created.getTime() + this.lifeMs).toISOString(),
        }),
      },
    ];
  }

  #serve(asked: string, body: unknown): Reply {
    const { ID = "", Status, Output } = (body ?? {}) as Readonly<Record<string, string>>;
    const id = asked.slice(asked.lastIndexOf("/") + 1).replace("service:", "");
    const entry = this.entries.get(id);
    if (asked.startsWith("PUT /v1/agent/service/register")) {
      this.entries.set(ID, { definition: body, status: "registered", output: "" });
      return [200, ""];
    }
    if (!entry) {
      return [404, `unknown service ID: ${id}`];
    }
    if (asked.startsWith("PUT /v1/agent/service/deregister/")) {
      this.entries.delete(id);
    } else if (asked.startsWith("PUT /v1/agent/check/update/")) {
      entry.status = `${Status}`;
      entry.output = `${Output}`;
    }
    return [200, ""];
  }
}
