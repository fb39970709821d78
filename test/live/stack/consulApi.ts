import { Agent, request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import type { Stack } from "./fixture.ts";

/** What Consul answered; status 0 when no answer came. */
export interface Answer {
  readonly status: number;
  readonly body: string;
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
    return new Promise((resolve) => {
      const none = (error: Error) => resolve({ status: 0, body: error.message });
      const call = request(
        {
          ...this.#tls,
          ...{ agent, method, path, host: this.address, port: PORT, servername: SERVERS },
          headers: token === "" ? {} : { "x-consul-token": token },
          signal: AbortSignal.timeout(patience),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", none);
          response.on("end", () => {
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString("utf8"),
            });
          });
        },
      );
      call.on("error", none).end(options.body);
    });
  }

  /** JSON of an answer that must be 200. */
  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.send("GET", path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
    return JSON.parse(body) as T;
  }

  /** Like `send`, tried again until it is answered well or `seconds` have passed. */
  async persist(
    method: "GET" | "PUT",
    path: string,
    seconds: number,
    body?: string,
  ): Promise<Answer & { readonly attempts: number }> {
    const end = Date.now() + seconds * 1000;
    for (let attempts = 1; ; attempts++) {
      const answer = await this.send(method, path, body === undefined ? {} : { body });
      if (answer.status === 200 || Date.now() >= end) return { ...answer, attempts };
      await pause(AGAIN_MS);
    }
  }
}

/** What became of requests that went on while something was done to the servers. */
export interface Tally {
  /** Keys whose writing was answered with true. */
  readonly acknowledged: readonly string[];
  /** Requests that were not answered well in their time, each tried again and again. */
  readonly failed: number;
  /** Requests that needed more than one attempt. */
  readonly repeated: number;
  /** Longest time without any good answer, in seconds. */
  readonly longestGap: number;
}

/** How many requests a second, and how many seconds each is tried. */
const RATE = 50;
const PATIENCE = 30;

/**
 * Fifty requests a second until `work` is done: writes of one key each, or reads of one key in the
 * default consistency.
 */
export async function under(
  api: () => ConsulApi,
  kind: { readonly writes: string } | { readonly reads: string },
  work: () => Promise<unknown>,
): Promise<Tally> {
  const acknowledged: string[] = [];
  const pending = new Set<Promise<void>>();
  let failed = 0;
  let repeated = 0;
  let last = performance.now();
  let longestGap = 0;
  const one = async (index: number) => {
    const key = "writes" in kind ? `${kind.writes}/${index}` : kind.reads;
    const path = `/v1/kv/${key}`;
    const answer =
      "writes" in kind
        ? await api().persist("PUT", path, PATIENCE, `${index}`)
        : await api().persist("GET", path, PATIENCE);
    if (answer.attempts > 1) repeated++;
    const isGood = answer.status === 200 && ("reads" in kind || answer.body.trim() === "true");
    if (!isGood) {
      failed++;
      return;
    }
    const now = performance.now();
    longestGap = Math.max(longestGap, now - last);
    last = now;
    acknowledged.push(key);
  };
  let working = true;
  const done = work().finally(() => {
    working = false;
  });
  for (let index = 0; working; index++) {
    const request: Promise<void> = one(index).finally(() => pending.delete(request));
    pending.add(request);
    await pause(1000 / RATE);
  }
  await Promise.all(pending);
  await done;
  return { acknowledged, failed, repeated, longestGap: longestGap / 1000 };
}

/** Those of the keys that are not there with their value. */
export async function missing(api: ConsulApi, prefix: string, keys: readonly string[]) {
  const found = await api.get<readonly { readonly Key: string; readonly Value: string | null }[]>(
    `/v1/kv/${prefix}?recurse`,
  );
  const values = new Map(found.map(({ Key, Value }) => [Key, atob(Value ?? "")]));
  return keys.filter((key) => values.get(key) !== key.split("/").at(-1));
}
