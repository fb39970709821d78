import { createConnection, type Socket } from "node:net";

/** A closed loop of HTTP/1.1 requests: each connection sends the next one after the answer. */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Requests are sent for so long; those under way are waited for. */
  readonly seconds: number;
  /** The n-th request line's target, from 0. */
  readonly target: (n: number) => string;
  readonly method: "GET" | "POST";
  /** Headers and body of every request besides `host`; none by default. */
  readonly body?: { readonly type: string; readonly text: string };
  /** Called for every answer; status 0 is none. */
  readonly onAnswer?: (target: string, status: number) => void;
}

/** What came of a load. Times in milliseconds. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers by status; 0 counts connections that ended or failed under a request. */
  readonly statuses: ReadonlyMap<number, number>;
}

const HEAD_END = "\r\n\r\n";

class Client {
  readonly #socket: Socket;
  #received = "";
  #answer: (status: number) => void = () => {};

  constructor(host: string, port: number) {
    this.#socket = createConnection({ host, port, noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => this.#read(chunk));
    this.#socket.on("error", () => this.#answer(0));
    this.#socket.on("close", () => this.#answer(0));
  }

  get usable(): boolean {
    return this.#socket.writable;
  }

  request(bytes: string): Promise<number> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#socket.write(bytes, "latin1");
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf(HEAD_END);
    if (head < 0) {
      return;
    }
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length >= head + HEAD_END.length + length) {
      const status = Number(this.#received.slice(9, 12));
      if (/connection: close/i.test(this.#received.slice(0, head))) {
        this.#socket.destroy();
      }
      this.#received = "";
      this.#answer(status);
    }
  }
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs a load. A connection that the server closes is opened anew. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { host, port, connections, seconds, target, method } = options;
  const { type, text } = options.body ?? { type: "", text: "" };
  const length = Buffer.byteLength(text);
  const rest = text ? `content-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${text}` : "\r\n";
  const statuses = new Map<number, number>();
  const times: number[] = [];
  let sent = 0;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const loop = async (): Promise<void> => {
    let client = new Client(host, port);
    for (let now = performance.now(); now < end; ) {
      if (!client.usable) {
        client = new Client(host, port);
      }
      const to = target(sent++);
      const status = await client.request(`${method} ${to} HTTP/1.1\r\nhost: load\r\n${rest}`);
      options.onAnswer?.(to, status);
      const after = performance.now();
      times.push(after - now);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      now = after;
    }
    client.end();
  };
  await Promise.all(Array.from({ length: connections }, loop));
  const elapsed = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  return {
    perSecond: times.length / elapsed,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    statuses,
  };
}
