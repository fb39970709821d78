import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { connect, createSecureContext } from "node:tls";

/** A closed loop of HTTP/1.1 requests: each connection sends the next one after the answer. */
export interface LoadOptions {
  /** Of several hosts the connections take turns. */
  readonly host: string | readonly string[];
  readonly port: number;
  /** Speak TLS: the servers' certificates must be of this authority, PEM, and name the hosts. */
  readonly tls?: { readonly ca: string };
  readonly connections: number;
  /** Requests are sent for so long, once all connections stand; those under way are waited for. */
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

/** A connection that is being made, and what it says when it stands. */
interface Dialed {
  readonly socket: Socket;
  readonly event: "connect" | "secureConnect";
}

function dialer({ port, tls }: LoadOptions): (host: string) => Dialed {
  if (!tls) return (host) => ({ socket: createConnection({ host, port }), event: "connect" });
  // One for all: to read the authority for each would take as long as to shake hands.
  const secureContext = createSecureContext(tls);
  return (host) => ({ socket: connect({ host, port, secureContext }), event: "secureConnect" });
}

class Client {
  /** Settles when the connection stands, or could not be made. */
  readonly opened: Promise<unknown>;
  readonly #socket: Socket;
  #received = "";
  #answer: (status: number) => void = () => {};

  constructor({ socket, event }: Dialed) {
    this.#socket = socket.setNoDelay(true).setEncoding("latin1");
    this.opened = once(socket, event).catch(() => undefined);
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
  const { connections, seconds, target, method } = options;
  const { type, text } = options.body ?? { type: "", text: "" };
  const length = Buffer.byteLength(text);
  const rest = text ? `content-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${text}` : "\r\n";
  const statuses = new Map<number, number>();
  const times: number[] = [];
  let sent = 0;
  const hosts = [options.host].flat();
  const dial = dialer(options);
  const open = (index: number) => new Client(dial(hosts[index % hosts.length] ?? ""));
  const clients = Array.from({ length: connections }, (_, index) => open(index));
  await Promise.all(clients.map(({ opened }) => opened));
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const loop = async (first: Client, index: number): Promise<void> => {
    let client = first;
    for (let now = performance.now(); now < end; ) {
      if (!client.usable) {
        client = open(index);
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
  await Promise.all(clients.map(loop));
  const elapsed = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  return {
    perSecond: times.length / elapsed,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    statuses,
  };
}
