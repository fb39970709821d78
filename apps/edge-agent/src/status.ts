import { Gauge, type Registry } from "../../shared/metrics-server.ts";

/** What nginx counts, by the names of its page. */
export interface Counts {
  /** Since nginx started: connections taken, connections served, requests. */
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
  /** Connections now: reading a request, writing an answer, idle. */
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

const PAGE =
  /^Active connections: \d+\s+server accepts handled requests\s+(\d+) (\d+) (\d+)\s+Reading: (\d+) Writing: (\d+) Waiting: (\d+)\s*$/;

/**
 * Counts out of nginx's page. Throws when it is another page.
 * https://nginx.org/en/docs/http/ngx_http_stub_status_module.html
 */
export function parseStatus(page: string): Counts {
  const found = PAGE.exec(page);
  if (!found) {
    throw new Error(`nginx's counts are not what they were: ${JSON.stringify(page.slice(0, 100))}`);
  }
  const [accepted, handled, requests, reading, writing, waiting] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { accepted, handled, requests, reading, writing, waiting };
}

const ANSWER_MS = 1000;

/** Asks nginx for its counts. Rejects when it does not answer within a second. */
export async function readStatus(url: string): Promise<Counts> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  return parseStatus(await answer.text());
}

/**
 * Adds nginx's counts to a registry, asked anew whenever it is read. While nginx does not answer,
 * `nginx_up` is 0 and the others stay as they were.
 */
export function exportStatus(read: () => Promise<Counts>, registry: Registry): void {
  let pending: Promise<Counts | undefined> | undefined;
  /** All that is read at the same time comes from one answer. */
  const ask = () => {
    pending ??= read()
      .catch(() => undefined)
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
  const registers = [registry];
  const total = (name: string, help: string, count: (counts: Counts) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const counts = await ask();
        if (counts) {
          this.set(count(counts));
        }
      },
    });
  new Gauge({
    name: "nginx_up",
    help: "1 when nginx answered with its counts",
    registers,
    async collect() {
      this.set((await ask()) ? 1 : 0);
    },
  });
  new Gauge({
    name: "nginx_connections",
    help: "Connections of clients by what they are at",
    labelNames: ["state"] as const,
    registers,
    async collect() {
      const counts = await ask();
      if (counts) {
        for (const state of ["reading", "writing", "waiting"] as const) {
          this.labels(state).set(counts[state]);
        }
      }
    },
  });
  total("nginx_connections_accepted_total", "Connections taken", ({ accepted }) => accepted);
  total("nginx_connections_handled_total", "Connections served", ({ handled }) => handled);
  total("nginx_http_requests_total", "Requests", ({ requests }) => requests);
}
