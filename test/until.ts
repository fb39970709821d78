import { setTimeout as rest } from "node:timers/promises";

/**
 * Waits until `look` gives something true, and hands it out. Rests three times as long as a look
 * took, so that a wait on a cluster takes nothing from what is waited for.
 *
 * @param seconds deadline
 * @throws Error naming what was waited for, and the last error of `look` if it threw
 */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const begin = performance.now();
    let last = "";
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = `; last: ${error instanceof Error ? error.message : String(error)}`;
    }
    const now = performance.now();
    if (now > end) throw new Error(`not within ${seconds} s: ${what}${last}`);
    await rest(Math.max(5, 3 * (now - begin)));
  }
}
