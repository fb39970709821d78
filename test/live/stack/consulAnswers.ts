import type { Answer } from "./consulApi.ts";

/** What was answered since something was done to the servers; all times in seconds from then. */
interface Chapter {
  readonly what: string;
  /** Milliseconds, as `performance.now` has them. */
  readonly begin: number;
  readonly kinds: Map<string, { readonly count: number; readonly first: number; last: number }>;
  slowest: { readonly seconds: number; readonly kind: string };
  lastGood: number;
  /** The longest time without a good answer. */
  gap: { readonly from: number; readonly to: number };
}

/** So many that they name the reason at the end of "rpc error getting client: ...". */
const WORDS = 16;

/** Status and first words, the same for every address: "500 No cluster leader". */
function kindOf({ status, body }: Answer): string {
  if (status === 200) return "200";
  const words = body.replace(/\d+(\.\d+){3}(:\d+)?/g, "<address>").split(/\s+/);
  return [status, ...words.slice(0, WORDS)].join(" ").trim();
}

/** Counts the answers to single attempts by their kind. */
export class Answers {
  readonly #chapters: Chapter[] = [];

  /** Begins to count; what was counted before stays with what it came after. */
  begin(what: string): void {
    const slowest = { seconds: 0, kind: "none" };
    const gap = { from: 0, to: 0 };
    const begin = performance.now();
    this.#chapters.push({ what, begin, kinds: new Map(), slowest, lastGood: 0, gap });
  }

  /** Counts an answer that just came; none before the first `begin`. */
  hear(answer: Answer): void {
    const chapter = this.#chapters.at(-1);
    if (!chapter) return;
    const now = (performance.now() - chapter.begin) / 1000;
    const kind = kindOf(answer);
    const { count, first } = chapter.kinds.get(kind) ?? { count: 0, first: now };
    chapter.kinds.set(kind, { count: count + 1, first, last: now });
    const { seconds } = answer;
    if (seconds > chapter.slowest.seconds) chapter.slowest = { seconds, kind };
    if (answer.status !== 200) return;
    const { gap, lastGood } = chapter;
    if (now - lastGood > gap.to - gap.from) chapter.gap = { from: lastGood, to: now };
    chapter.lastGood = now;
  }

  /** For people: a line on each thing done, and below it one on each kind of answer. */
  lines(): string[] {
    return this.#chapters.flatMap(({ what, kinds, slowest, gap }) => [
      `${what}: longest gap ${(gap.to - gap.from).toFixed(1)} s (after ${gap.from.toFixed(1)} s), ` +
        `longest attempt ${slowest.seconds.toFixed(1)} s (${slowest.kind})`,
      ...[...kinds].map(
        ([kind, { count, first, last }]) =>
          `  ${count} x ${kind}: ${first.toFixed(1)} s to ${last.toFixed(1)} s`,
      ),
    ]);
  }
}
