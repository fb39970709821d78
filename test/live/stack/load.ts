import { Agent, request } from "node:http";

const samples = [
  "hello wörld",
  "日本語のテキスト",
  "🙂🚀",
  "a/b?c=d&e",
  "tab\there",
  "Ελληνικά",
  "100 %",
];

/** Distinct texts; each begins with its own number, and every kind of character occurs. */
function textOf(run: string, index: number): string {
  return `${run}-${index} ${samples[index % samples.length]}`;
}

/** What became of a load. */
export interface Published {
  /** Texts that were answered with 201. */
  readonly acknowledged: ReadonlySet<string>;
  /** Requests that were not: answers other than 201, and connections that broke. */
  readonly failed: number;
  /** Requests that were tried again after they failed. */
  readonly retried: number;
  /** How often each answer came; 0 for a connection that broke. */
  readonly answers: Readonly<Record<number, number>>;
}

/** One POST; resolves with the status, 0 when the connection broke or nothing came in time. */
export function post(agent: Agent, base: string, text: string): Promise<number> {
  const url = `${base}/api/publish/${encodeURIComponent(text)}`;
  return new Promise((resolve) => {
    const call = request(url, { method: "POST", agent, timeout: 30_000 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(0));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(0));
    call.end();
  });
}

/**
 * Publishes texts over some connections until all are tried, or until `stop` says so.
 *
 * @param retries how often a text that was not acknowledged is tried again
 */
export async function publish(args: {
  readonly base: string;
  readonly texts: Iterable<string>;
  readonly connections: number;
  readonly retries: number;
  readonly stop?: () => boolean;
}): Promise<Published> {
  const agent = new Agent({ keepAlive: true, maxSockets: args.connections });
  const queue = args.texts[Symbol.iterator]();
  const acknowledged = new Set<string>();
  const answers: Record<number, number> = {};
  let failed = 0;
  let retried = 0;
  const one = async (text: string) => {
    for (let attempt = 0; ; attempt++) {
      const status = await post(agent, args.base, text);
      answers[status] = (answers[status] ?? 0) + 1;
      if (status === 201) return void acknowledged.add(text);
      if (attempt === args.retries) return void failed++;
      retried++;
    }
  };
  const lane = async () => {
    for (let next = queue.next(); !next.done && !args.stop?.(); next = queue.next()) {
      await one(next.value);
    }
  };
  await Promise.all(Array.from({ length: args.connections }, lane));
  agent.destroy();
  return { acknowledged, failed, retried, answers };
}

/** Endless texts of a run. */
export function* texts(run: string, count = Number.POSITIVE_INFINITY): Generator<string> {
  for (let index = 0; index < count; index++) yield textOf(run, index);
}
