import { readFileSync } from "node:fs";
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as rest } from "node:timers/promises";

/** How a program reaches an agent or a server of Consul. */
export interface ConsulAddress {
  /** host:port of its HTTPS API. */
  readonly address: string;
  /** PEM files of mutual TLS: Consul's authority, our certificate, our key. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** How an app reaches its node's Consul agent, and who it is. */
export interface ConsulSettings extends ConsulAddress {
  /** The service account's token that Consul takes for a login; renewed by the kubelet. */
  readonly loginFile: string;
  /** The pod's name is the id of what it registers, its address is where others find it. */
  readonly podName: string;
  readonly podIp: string;
}

/** Time, injected for the tests; milliseconds. `pause` ends early when `signal` aborts. */
export interface ConsulClock {
  now(): number;
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: ConsulClock = {
  now: () => performance.now(),
  pause: (ms, signal) => rest(ms, undefined, signal && { signal }).catch(() => undefined),
};

/** One request to Consul's HTTP API. */
export interface ConsulRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Path with its query. */
  readonly path: string;
  /** The ACL token, sent as a header. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Secrets in the body, kept out of errors as the token is. */
  readonly hide?: readonly string[];
  /** Milliseconds for the whole of it. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** What Consul answered with 200. */
export interface ConsulAnswer {
  readonly body: string;
  /** Of blocking queries: the state's index, 0 where there is none. */
  readonly index: number;
}

/** A request that was not answered with 200. No secret is in its message. */
export class ConsulError extends Error {
  /** Undefined: no answer came. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }

  /** True when the token may not do this, or is not known. */
  get refused(): boolean {
    return this.status === 403;
  }

  /** True when Consul does not know the token: it ran out, or was deleted. */
  get unknownToken(): boolean {
    return this.refused && this.message.includes("ACL not found");
  }
}

/** Packets to a service without an agent on this node are dropped: a try must not wait for them. */
const CONNECT_MS = 1000;
const LONGEST_REASON = 200;

function textOf({ body }: ConsulRequest): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

function headersOf({ token }: ConsulRequest, text: string | undefined): Record<string, string> {
  return {
    ...(token && { "x-consul-token": token }),
    ...(text !== undefined && {
      "content-type": "application/json",
      // Node.js would send the body of a DELETE without saying that there is one.
      "content-length": `${Buffer.byteLength(text)}`,
    }),
  };
}

/** Error of an answer other than 200, or of none; secrets are cut out. */
function errorOf(asked: ConsulRequest, what: string, status?: number): ConsulError {
  const secrets = [asked.token ?? "", ...(asked.hide ?? [])].filter((secret) => secret !== "");
  const path = asked.path.split("?", 1)[0];
  const clean = secrets.reduce((text, secret) => text.replaceAll(secret, "..."), what);
  return new ConsulError(`${asked.method} ${path} ${clean.slice(0, LONGEST_REASON)}`, status);
}

/** Talks to one agent or server over mutual TLS and connections that are kept. */
export class ConsulClient {
  readonly #settings: ConsulAddress;
  readonly #agent = new Agent({ keepAlive: true });
  #closed = false;

  constructor(settings: ConsulAddress) {
    this.#settings = settings;
  }

  /** True after `close`: nothing is asked any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Ends all requests on their way; later ones reject. */
  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }

  /** Asks Consul. Rejects with `ConsulError` unless it answers 200 before the deadline. */
  async send(asked: ConsulRequest): Promise<ConsulAnswer> {
    if (this.#closed) {
      throw errorOf(asked, "was not sent: the link is closed");
    }
    const { status, body, index } = await this.#exchange(asked, this.#options(asked)).catch(
      (error: NodeJS.ErrnoException) => {
        throw errorOf(asked, `was not answered: ${error.message || error.code}`);
      },
    );
    if (status !== 200) {
      throw errorOf(asked, `was answered ${status}: ${body.split("\n", 1)[0]}`, status);
    }
    return { body, index };
  }

  /** The files are read for each request: a renewed certificate makes a connection of its own. */
  #options(asked: ConsulRequest): RequestOptions {
    const { address, caFile, certFile, keyFile } = this.#settings;
    const colon = address.lastIndexOf(":");
    return {
      agent: this.#agent,
      host: address.slice(0, colon),
      port: address.slice(colon + 1),
      method: asked.method,
      path: asked.path,
      headers: headersOf(asked, textOf(asked)),
      ca: readFileSync(caFile),
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      minVersion: "TLSv1.2",
    };
  }

  #exchange(
    asked: ConsulRequest,
    options: RequestOptions,
  ): Promise<ConsulAnswer & { readonly status: number }> {
    const { deadlineMs, signal } = asked;
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            index: Number(response.headers["x-consul-index"]) || 0,
          });
        });
      });
      const giveUp = (why: string) => () => sent.destroy(new Error(why));
      const stop = giveUp("the link is closing");
      const total = setTimeout(giveUp(`nothing came within ${deadlineMs} ms`), deadlineMs);
      const connect = setTimeout(giveUp(`no connection within ${CONNECT_MS} ms`), CONNECT_MS);
      signal?.aborted ? stop() : signal?.addEventListener("abort", stop, { once: true });
      sent.on("socket", (socket) => {
        const connected = (): void => clearTimeout(connect);
        socket.connecting ? socket.once("secureConnect", connected) : connected();
      });
      sent.on("error", reject).on("close", () => {
        clearTimeout(total);
        clearTimeout(connect);
        signal?.removeEventListener("abort", stop);
      });
      sent.end(textOf(asked));
    });
  }
}
