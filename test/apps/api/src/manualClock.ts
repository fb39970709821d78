import type { Clock } from "../../../../apps/api/src/publishing.ts";

/** Time that stands still until it is moved; what is due runs in order. */
export class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  time(): number {
    return 1_700_000_000_000;
  }

  soon(run: () => void): void {
    this.later(0, run);
  }

  later(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass, and all promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#timers.reduce<{ at: number; run: () => void } | undefined>(
        (least, timer) => (timer.at <= end && (!least || timer.at < least.at) ? timer : least),
        undefined,
      );
      if (!next) {
        this.#now = end;
        return;
      }
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
  }
}
