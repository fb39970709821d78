import { setTimeout as sleep } from "node:timers/promises";

/** How often a condition is looked at, in milliseconds. */
const interval = 100;

/**
 * Waits until `check` answers undefined; a string is the reason why it is not so yet, and so is the
 * message of an error. Throws with `what` and the last reason when `seconds` have passed.
 */
export async function waitFor(
  what: string,
  seconds: number,
  check: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const reason = await check().catch((error: unknown) => messageOf(error));
    if (reason === undefined) return;
    if (performance.now() >= deadline) {
      throw new Error(`${what}: not within ${seconds} s: ${reason}`);
    }
    await sleep(interval);
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
