import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";

/** Where people come in. */
export interface WayIn {
  /** URL, without a slash at its end. */
  readonly base: string;
  /** Certificate of the authority that vouches for it, PEM. */
  readonly authority: string;
}

/** What came back of a request. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How long nothing may come; more than anything on the way waits for. */
const PATIENCE_MS = 30_000;

/** Somebody outside the cluster, who trusts nobody but the stack's authority. */
export class Client {
  readonly #base: string;
  readonly #agent: Agent;

  /** `connections`: that many at most, each kept for the next request; else a new one for each. */
  constructor({ base, authority }: WayIn, connections?: number) {
    this.#base = base;
    const kept = connections === undefined ? {} : { keepAlive: true, maxSockets: connections };
    this.#agent = new Agent({ ca: authority, ...kept });
  }

  /** Rejects when the connection fails or breaks, and with ETIMEDOUT when nothing comes for 30 s. */
  send(method: string, path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: this.#agent, timeout: PATIENCE_MS };
      const call = request(`${this.#base}${path}`, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      const late = () => Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
      call.on("timeout", () => call.destroy(late())).on("error", reject);
      call.end();
    });
  }

  /** Ends the kept connections. */
  close(): void {
    this.#agent.destroy();
  }
}
