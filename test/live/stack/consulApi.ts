import { Agent, request } from "node:https";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Stack } from "./fixture.ts";

/** What Consul answered; status 0 when no answer came, and then the body says why, and how far. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** How long it took. */
  readonly seconds: number;
}

/** Host name that the servers' certificates have. */
const SERVERS = "consul.consul.svc";
const PORT = 8501;
const ATTEMPT_MS = 2000;
/** Pause between two attempts at one request. */
const AGAIN_MS = 50;

interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

/** The servers' API as an operator on the node reaches it: by the service, and so any of them. */
export class ConsulApi {
  readonly address: string;
  readonly token: string;
  readonly #tls: { readonly ca: string; readonly cert: string; readonly key: string };

  private constructor(address: string, token: string, tls: ConsulApi["tls"]) {
    this.address = address;
    this.token = token;
    this.#tls = tls;
  }

  /** Certificate and key that the servers accept. */
  get tls() {
    return this.#tls;
  }

  /** Takes address, token and certificate from the cluster, as they are at the moment. */
  static async open(stack: Stack): Promise<ConsulApi> {
    const service = await stack.get<{ readonly spec: { readonly clusterIP: string } }>(
      ...["service", "consul", "-n", "consul"],
    );
    const ours = ["-n", "consul", "-l", "app.kubernetes.io/component=server"];
    const { items } = await stack.get<{ readonly items: readonly Secret[] }>("secret", ...ours);
    const text = (file: string, beside: string) => {
      const found = items.find(({ data }) => file in data && beside in data);
      return Buffer.from(found?.data[file] ?? "", "base64").toString("utf8");
    };
    // Of the two with a certificate, that of the API is the one whose authority signs for others.
    const certificates = items.filter(({ data }) => "tls.key" in data);
    const token = text("token", "header");
    for (const { data } of certificates) {
      const file = (name: string) => Buffer.from(data[name] ?? "", "base64").toString("utf8");
      const tls = { ca: file("ca.crt"), cert: file("tls.crt"), key: file("tls.key") };
      const api = new ConsulApi(service.spec.clusterIP, token, tls);
      if ((await api.send("GET", "/v1/status/leader")).status === 200) return api;
    }
    throw new Error(`none of ${certificates.length} certificates opens the servers' API`);
  }

  /** One request, on a connection of its own: so each finds another server. */
  send(
    method: "GET" | "PUT",
    path: string,
    options: {
      readonly body?: string;
      readonly token?: string;
      /** Milliseconds to wait for the answer. */
      readonly patience?: number;
    } = {},
  ): Promise<Answer> {
    const agent = new Agent({ keepAlive: false });
    const { token = this.token, patience = ATTEMPT_MS } = options;
    const signal = AbortSignal.timeout(patience);
    const begin = performance.now();
    return new Promise((resolve) => {
      const answer = (status: number, body: string) =>
        resolve({ status, body, seconds: (performance.now() - begin) / 1000 });
      let step = "connecting";
      const none = (error: NodeJS.ErrnoException) =>
        answer(0, `${signal.aborted ? "too late" : (error.code ?? error.message)}, ${step}`);
      const call = request(
        {
          ...this.#tls,
          ...{ agent, method, path, host: this.address, port: PORT, servername: SERVERS, signal },
          headers: token === "" ? {} : { "x-consul-token": token },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", none);
          response.on("end", () => {
            answer(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"));
          });
        },
      );
      call.on("socket", (socket) => {
        socket.on("connect", () => {
          step = "connected";
        });
        socket.on("secureConnect", () => {
          step = "asked";
        });
      });
      call.on("error", none).end(options.body);
    });
  }

  /** JSON of an answer that must be 200. */
  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.send("GET", path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
    return JSON.parse(body) as T;
  }

  /**
   * Like `send`, tried again until it is answered well or `seconds` have passed.
   *
   * @param hear told the answer to every attempt
   */
  async persist(
    method: "GET" | "PUT",
    path: string,
    seconds: number,
    body?: string,
    hear: (answer: Answer) => void = () => {},
  ): Promise<Answer & { readonly attempts: number }> {
    const end = Date.now() + seconds * 1000;
    for (let attempts = 1; ; attempts++) {
      const answer = await this.send(method, path, body === undefined ? {} : { body });
      hear(answer);
      if (answer.status === 200 || Date.now() >= end) return { ...answer, attempts };
      await pause(AGAIN_MS);
    }
  }
}

/** What a server answers on its port to what is sent in plain text, `refused` when nothing listens. */
export function answered(host: string, port: number, sent: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host, port, timeout: 5000 }, () => socket.write(sent));
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => resolve("refused"));
    socket.on("close", () => resolve(text));
  });
}
