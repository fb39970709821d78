import type { Clock } from "./publishing.ts";

/** The leader that a pace is kept for. */
export interface Paced {
  /** Texts that wait to be sent to it. */
  waiting(): number;
  /** Sends what waits. Resolves when the leader is free again: true when all of it was settled. */
  send(): Promise<boolean>;
}

/**
 * When to send to one partition leader: one request at a time, and each carries all that came in
 * during the one before it. A leader that is free is sent to at the end of this turn of the event
 * loop, with all the requests that it reads, once as many texts wait as the last request carried;
 * after `lingerMs` in any case. Whoever was just answered comes back a moment later, and small
 * requests cost the brokers as much as large ones. A lone caller never waits.
 */
export class Pace {
  readonly #paced: Paced;
  readonly #clock: Pick<Clock, "soon" | "later">;
  readonly #lingerMs: number;
  #state: "idle" | "lingering" | "called" | "busy" = "idle";
  /** Texts in the last request. */
  #carried = 0;
  #cancelLingering: () => void = () => {};

  constructor(paced: Paced, clock: Pick<Clock, "soon" | "later">, lingerMs: number) {
    this.#paced = paced;
    this.#clock = clock;
    this.#lingerMs = lingerMs;
  }

  /** To be called whenever more texts wait, or may now be sent. */
  kick(): void {
    if (this.#state === "busy" || this.#state === "called") {
      return;
    }
    const waiting = this.#paced.waiting();
    if (waiting >= this.#carried) {
      this.#cancelLingering();
      this.#state = "called";
      this.#clock.soon(() => void this.#flush());
    } else if (this.#state === "idle" && waiting > 0) {
      this.#state = "lingering";
      this.#cancelLingering = this.#clock.later(this.#lingerMs, () => void this.#flush());
    }
  }

  async #flush(): Promise<void> {
    this.#carried = this.#paced.waiting();
    if (this.#carried === 0) {
      this.#state = "idle";
      return;
    }
    this.#state = "busy";
    if (!(await this.#paced.send())) {
      this.#carried = 0;
    }
    this.#state = "idle";
    this.kick();
  }
}
