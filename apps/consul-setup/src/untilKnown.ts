import type { ConsulClock } from "../../shared/consul.ts";
import type { Call } from "./call.ts";

const PAUSE_MS = 500;

/**
 * Waits until there is a leader that knows our token: a new cluster makes it when the first leader
 * is elected.
 *
 * @throws Error with the last answer when `deadlineMs` have passed
 */
export async function untilKnown(
  call: Call,
  clock: ConsulClock,
  deadlineMs: number,
  say: (line: string) => void,
): Promise<void> {
  const end = clock.now() + deadlineMs;
  let last = "";
  for (;;) {
    try {
      await call("GET", "/v1/acl/token/self");
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (clock.now() >= end) {
        throw new Error(`consul did not know its management token in time: ${reason}`);
      }
      if (reason !== last) say(`waiting: ${reason}`);
      last = reason;
    }
    await clock.pause(PAUSE_MS);
  }
}
