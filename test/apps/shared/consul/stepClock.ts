import type { ConsulClock } from "../../../../apps/shared/consul.ts";
import { until } from "../../../until.ts";

interface Waiter {
  readonly due: number;
  readonly ms: number;
  readonly end: () => void;
}

/** Time that only `step` moves, from one pause to the next. */
export class StepClock implements ConsulClock {
  #now = 0;
  readonly #waiting = new Set<Waiter>();

  now(): number {
    return this.#now;
  }

  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(waiter);
        resolve();
      };
      const waiter = { due: this.#now + ms, ms, end };
      if (signal?.aborted) {
        resolve();
        return;
      }
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", end, { once: true });
    });
  }

  /** Lets time pass that no pause ends in. */
  skip(ms: number): void {
    this.#now += ms;
  }

  /** Waits until something pauses (for `ms`), and hands out how long for. */
  async paused(ms?: number): Promise<number> {
    return (await this.#next(ms)).ms;
  }

  /** Waits until something pauses (for `ms`), and ends the pause that is due first; its milliseconds. */
  async step(ms?: number): Promise<number> {
    const waiter = await this.#next(ms);
    this.#now = Math.max(this.#now, waiter.due);
    waiter.end();
    return waiter.ms;
  }

  #next(ms?: number): Promise<Waiter> {
    return until("something pauses", 5, () => {
      const [first] = [...this.#waiting].sort((a, b) => a.due - b.due);
      return ms === undefined || first?.ms === ms ? first : undefined;
    });
  }
}
