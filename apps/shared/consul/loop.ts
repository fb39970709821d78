import type { Logger } from "../log.ts";
import { type ConsulClock, ConsulError } from "./client.ts";

/** Pause after a failure, doubled each time up to the most: Consul that is back is found in 2 s. */
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 800;
/** The most after a refusal, which another try alone seldom changes. */
const MOST_REFUSED_PAUSE_MS = 5000;

/** Work on Consul that is done again and again. */
export interface Loop {
  /** Said of failures: what it is that failed. */
  readonly name: string;
  /** Does it once; the milliseconds until the next time. */
  readonly turn: () => Promise<number>;
  readonly clock: ConsulClock;
  readonly log: Logger;
}

/**
 * Runs the loop until `signal` aborts; the turn in hand is finished. Never rejects: a failed turn is
 * repeated, which is logged at the first failure and where a refusal takes the place of silence or
 * the other way round, and when it is over.
 */
export async function runLoop({ name, turn, clock, log }: Loop, signal: AbortSignal) {
  let trouble: "silent" | "refused" | undefined;
  let wait = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    let pauseMs: number;
    try {
      pauseMs = await turn();
      if (trouble) {
        log.info(`consul: ${name} works again`);
      }
      trouble = undefined;
      wait = FIRST_PAUSE_MS;
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const kind = error instanceof ConsulError && error.refused ? "refused" : "silent";
      if (kind !== trouble) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ reason }, `consul: ${name} failed, and is tried until it works`);
      }
      trouble = kind;
      pauseMs = wait;
      wait = Math.min(wait * 2, kind === "refused" ? MOST_REFUSED_PAUSE_MS : MOST_PAUSE_MS);
    }
    await clock.pause(pauseMs, signal);
  }
}
