import { setTimeout as pause } from "node:timers/promises";
import { describeError, type GroupLink } from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";

/**
 * Offsets that are printed and not yet committed. One commit is in flight at a time and the next one
 * covers all that came meanwhile; what the coordinator does not take is committed again.
 */
export class Commits {
  readonly #link: Pick<GroupLink, "commit">;
  readonly #retryMs: number;
  readonly #committed: () => void;
  readonly #log: Logger;
  #generation = -1;
  #kept: ReadonlySet<number> = new Set();
  #paused = true;
  /** Partition -> next offset. */
  #waiting = new Map<number, number>();
  #running: Promise<void> | undefined;
  readonly #finished = new AbortController();

  /** `committed` is called after each commit. */
  constructor(
    link: Pick<GroupLink, "commit">,
    retryMs: number,
    committed: () => void,
    log: Logger,
  ) {
    this.#link = link;
    this.#retryMs = retryMs;
    this.#committed = committed;
    this.#log = log;
  }

  /** Everything of `partition` before `next` is printed. */
  note(partition: number, next: number): void {
    this.#waiting.set(partition, next);
    this.#start();
  }

  /** Commits what waits, at once and as of the generation that ends, and nothing more for now. */
  pause(): void {
    this.#paused = true;
    this.#send().catch((error: unknown) => this.#warn(error));
  }

  /** The partitions that are kept into the next generation: the offsets of others are not ours. */
  keep(partitions: ReadonlySet<number>): void {
    this.#kept = partitions;
    this.#waiting = new Map([...this.#waiting].filter(([partition]) => partitions.has(partition)));
  }

  /** Commits again, as of a generation and its partitions. */
  resume(generation: number, partitions: readonly number[]): void {
    this.#generation = generation;
    this.#kept = new Set(partitions);
    this.#paused = false;
    this.#start();
  }

  /** Commits what waits, once, and ends. Never rejects. */
  async finish(): Promise<void> {
    this.#finished.abort();
    await this.#running;
    await this.#send().catch((error: unknown) => this.#warn(error));
  }

  get #due(): boolean {
    return this.#waiting.size > 0 && !this.#paused && !this.#finished.signal.aborted;
  }

  #start(): void {
    if (this.#due && !this.#running) {
      this.#running = this.#run();
    }
  }

  async #run(): Promise<void> {
    try {
      while (this.#due) {
        await this.#send().catch(async (error: unknown) => {
          this.#warn(error);
          const { signal } = this.#finished;
          await pause(this.#retryMs, undefined, { signal }).catch(() => undefined);
        });
      }
    } finally {
      // In the same turn as the last look at what waits: what comes after it starts anew.
      this.#running = undefined;
    }
  }

  async #send(): Promise<void> {
    const offsets = this.#waiting;
    this.#waiting = new Map();
    if (offsets.size === 0) {
      return;
    }
    try {
      await this.#link.commit(this.#generation, offsets);
      this.#committed();
    } catch (error) {
      // What was noted meanwhile is newer.
      const again = [...offsets].filter(([partition]) => this.#kept.has(partition));
      this.#waiting = new Map([...again, ...this.#waiting]);
      throw error;
    }
  }

  #warn(error: unknown): void {
    this.#log.warn({ reason: describeError(error) }, "commit failed");
  }
}
