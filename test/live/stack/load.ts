import { setTimeout as pause } from "node:timers/promises";
import { Client, type WayIn } from "./client.ts";

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
  /** Texts that were not: answers other than 201, and connections that broke. */
  readonly failed: number;
  /** Requests that were tried again after they failed. */
  readonly retried: number;
  /** How often each answer came: by its status, or by the error's code where none came. */
  readonly answers: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** What a load is besides its texts. */
export interface LoadArgs {
  readonly way: WayIn;
  /** Connections, kept from one request to the next. */
  readonly connections: number;
  /** How often a text that was not acknowledged is tried again. */
  readonly retries: number;
  /** Texts that are begun in a second, at most; as fast as they are answered by default. */
  readonly rate?: number;
}

/** Resolves so often a second, at most; at once where no rate is given. */
function turns(rate: number | undefined): () => Promise<unknown> {
  if (rate === undefined) return async () => {};
  let next = 0;
  return () => {
    const now = performance.now();
    next = Math.max(next + 1000 / rate, now);
    return pause(next - now);
  };
}

/** What came of one request: a status, or the code of an error. */
export function outcomeOf(answer: Promise<{ readonly status: number }>): Promise<string> {
  return answer.then(
    ({ status }) => `${status}`,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

/** Publishes texts until all are tried. */
export async function publish(
  args: LoadArgs & { readonly texts: Iterable<string> },
): Promise<Published> {
  const client = new Client(args.way, args.connections);
  const queue = args.texts[Symbol.iterator]();
  const acknowledged = new Set<string>();
  const answers: Record<string, number> = {};
  const begin = performance.now();
  let failed = 0;
  let retried = 0;
  const one = async (text: string) => {
    for (let attempt = 0; ; attempt++) {
      const path = `/api/publish/${encodeURIComponent(text)}`;
      const outcome = await outcomeOf(client.send("POST", path));
      answers[outcome] = (answers[outcome] ?? 0) + 1;
      if (outcome === "201") return void acknowledged.add(text);
      if (attempt === args.retries) return void failed++;
      retried++;
    }
  };
  const turn = turns(args.rate);
  const lane = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      await turn();
      await one(next.value);
    }
  };
  await Promise.all(Array.from({ length: args.connections }, lane));
  client.close();
  const seconds = (performance.now() - begin) / 1000;
  return { acknowledged, failed, retried, answers, seconds };
}

/**
 * Publishes while `work` goes on, and until `atLeast` texts were tried. Rejects as `work` does, when
 * the load has ended.
 */
export async function publishWhile(
  args: LoadArgs & { readonly run: string; readonly atLeast?: number },
  work: () => Promise<unknown>,
): Promise<Published> {
  const { run, atLeast = 0, ...load } = args;
  let working = true;
  function* endless() {
    let tried = 0;
    for (const text of texts(run)) {
      if (!working && tried >= atLeast) return;
      tried++;
      yield text;
    }
  }
  const published = publish({ ...load, texts: endless() });
  try {
    await work();
  } finally {
    working = false;
    await published;
  }
  return published;
}

/** The counts of a load as the tests print them. */
export function countsOf({ acknowledged, failed, retried, answers, seconds }: Published): string {
  return (
    `acknowledged ${acknowledged.size}, failed ${failed}, tried again ${retried}, ` +
    `answers ${JSON.stringify(answers)}, ${seconds.toFixed(1)} s`
  );
}

/** Texts of a run, endless unless `count` says how many. */
export function* texts(run: string, count = Number.POSITIVE_INFINITY): Generator<string> {
  for (let index = 0; index < count; index++) yield textOf(run, index);
}
