import { setTimeout as pause } from "node:timers/promises";

/** Waits until `condition` holds; rejects with `what` after `seconds`. */
export async function until(
  what: string,
  seconds: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`not within ${seconds} s: ${what}`);
    }
    await pause(5);
  }
}
