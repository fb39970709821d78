import { setTimeout as pause } from "node:timers/promises";
import { Answers } from "./consulAnswers.ts";
import type { ConsulApi } from "./consulApi.ts";

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
  /** Longest time of one request with all its attempts, in seconds. */
  readonly longestRequest: number;
  /** Longest time in which no request was begun, in seconds: what this process itself stood still. */
  readonly longestPause: number;
}

/** How many requests a second, and how many seconds each is tried. */
const RATE = 25;
const PATIENCE = 30;

/** Seconds since a moment of `performance.now`. */
const since = (moment: number) => (performance.now() - moment) / 1000;

/**
 * So many requests a second until `work` is done: writes of one key each, or reads of one key in the
 * default consistency.
 *
 * @param answers where the answers to single attempts are counted
 */
export async function under(
  api: () => ConsulApi,
  kind: { readonly writes: string } | { readonly reads: string },
  work: () => Promise<unknown>,
  answers = new Answers(),
): Promise<Tally> {
  const acknowledged: string[] = [];
  const pending = new Set<Promise<void>>();
  const longest = { gap: 0, request: 0, pause: 0 };
  let failed = 0;
  let repeated = 0;
  let lastGood = performance.now();
  const hear = answers.hear.bind(answers);
  const one = async (index: number) => {
    const begin = performance.now();
    const key = "writes" in kind ? `${kind.writes}/${index}` : kind.reads;
    const path = `/v1/kv/${key}`;
    const answer =
      "writes" in kind
        ? await api().persist("PUT", path, PATIENCE, `${index}`, hear)
        : await api().persist("GET", path, PATIENCE, undefined, hear);
    longest.request = Math.max(longest.request, since(begin));
    if (answer.attempts > 1) repeated++;
    const isGood = answer.status === 200 && ("reads" in kind || answer.body.trim() === "true");
    if (!isGood) {
      failed++;
      return;
    }
    longest.gap = Math.max(longest.gap, since(lastGood));
    lastGood = performance.now();
    acknowledged.push(key);
  };
  let working = true;
  const done = work().finally(() => {
    working = false;
  });
  for (let index = 0, last = performance.now(); working; index++) {
    longest.pause = Math.max(longest.pause, since(last));
    last = performance.now();
    const request: Promise<void> = one(index).finally(() => pending.delete(request));
    pending.add(request);
    await pause(1000 / RATE);
  }
  await Promise.all(pending);
  await done;
  const { gap: longestGap, request: longestRequest, pause: longestPause } = longest;
  return { acknowledged, failed, repeated, longestGap, longestRequest, longestPause };
}

/** Those of the keys that are not there with their value. */
export async function missing(api: ConsulApi, prefix: string, keys: readonly string[]) {
  const found = await api.get<readonly { readonly Key: string; readonly Value: string | null }[]>(
    `/v1/kv/${prefix}?recurse`,
  );
  const values = new Map(found.map(({ Key, Value }) => [Key, atob(Value ?? "")]));
  return keys.filter((key) => values.get(key) !== key.split("/").at(-1));
}
