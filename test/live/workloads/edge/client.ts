import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { connect } from "node:tls";
import type { TrialTls } from "../../../apps/certificates.ts";

/** Sends bytes over TLS to a port of loopback; all that comes back until the server closes. */
export function rawTls(port: number, { caFile }: TrialTls, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(caFile);
    const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca });
    let received = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      received += chunk;
    });
    socket.on("close", () => resolve(received)).on("error", reject);
    socket.write(bytes, "latin1");
  });
}

/** Status, body and type of a raw answer, and when to come back. */
export function essence(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    type: header("content-type"),
    body,
    retryAfter: header("retry-after"),
  };
}

/** What came of many requests: how many of each status, or of each error's code. */
export type Outcomes = Readonly<Record<string, number>>;

/** Requests over kept connections, each sending the next one after the answer, until told to stop. */
export class Load {
  readonly #agent: Agent;
  readonly #outcomes: Record<string, number> = {};
  readonly #lanes: Promise<void>[];
  #stopped = false;

  constructor(port: number, { caFile }: TrialTls, connections: number, method: string) {
    const ca = readFileSync(caFile);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
    const url = `https://localhost:${port}/api/publish/a`;
    this.#lanes = Array.from({ length: connections }, async () => {
      while (!this.#stopped) {
        const outcome = await this.#one(url, method);
        this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
      }
    });
  }

  /** Requests that were answered or failed so far. */
  get count(): number {
    return Object.values(this.#outcomes).reduce((sum, n) => sum + n, 0);
  }

  async stop(): Promise<Outcomes> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
    this.#agent.destroy();
    return this.#outcomes;
  }

  #one(url: string, method: string): Promise<string> {
    return new Promise((resolve) => {
      const options = { method, agent: this.#agent, family: 4, timeout: 20_000 };
      const call = request(url, options, (response) => {
        response.resume().on("end", () => resolve(`${response.statusCode}`));
        response.on("error", (error: NodeJS.ErrnoException) => resolve(`body ${error.code}`));
      });
      call.on("timeout", () => call.destroy());
      call.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      call.end();
    });
  }
}
