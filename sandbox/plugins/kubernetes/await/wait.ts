import { setTimeout as sleep } from "node:timers/promises";
import type { JsonMap } from "../json.ts";
import { podReasons } from "./pods.ts";
import type { Waiting } from "./table.ts";
import type { Surroundings } from "./verdict.ts";

/** What waiting needs of the outside. */
export interface Watch {
  /** The object as it is now, `undefined` when it is gone. */
  readonly read: () => Promise<JsonMap | undefined>;
  readonly around: Surroundings;
  /** Told when there is something new to say; an empty text takes back what was said. */
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
  /** Seconds. */
  readonly timeout: number;
}

/** How waiting ended; `reasons` is empty only when the object is ready. */
export interface Outcome {
  readonly object: JsonMap;
  readonly reasons: readonly string[];
}

const FIRST_STEP_MS = 100;
const LONGEST_STEP_MS = 500;
const STEP_GROWTH = 1.25;
// Pods are looked at only for what takes longer than usual.
const PATIENCE_MS = 5000;
const PODS_EVERY_MS = 3000;

/** Pauses between looks at the cluster, growing from 0.1 to 0.5 seconds; ends when cancelled. */
export async function pause(step: number, signal: AbortSignal): Promise<void> {
  const length = Math.min(FIRST_STEP_MS * STEP_GROWTH ** step, LONGEST_STEP_MS);
  await sleep(length, undefined, { signal }).catch(() => undefined);
}

/** Waits until an object is ready, has failed, the time is over or the user cancels. */
export async function waitUntilReady(
  first: JsonMap,
  waiting: Waiting,
  watch: Watch,
): Promise<Outcome> {
  const start = Date.now();
  let object = first;
  let told = "";
  let note = "";
  let podsSeen = start + PATIENCE_MS - PODS_EVERY_MS;
  for (let step = 0; ; step++) {
    const verdict = await waiting.judge(object, watch.around);
    if (verdict.state === "ready") {
      if (told !== "") watch.say("");
      return { object, reasons: [] };
    }
    const seconds = (Date.now() - start) / 1000;
    const end =
      verdict.state === "failed"
        ? verdict.message
        : watch.signal.aborted
          ? `cancelled after ${seconds.toFixed(0)} s while waiting: ${verdict.message}`
          : seconds >= watch.timeout
            ? `timed out after ${watch.timeout} s: ${verdict.message}`
            : undefined;
    if (end !== undefined) {
      return { object, reasons: [end, ...(await podReasons(object, watch.around))] };
    }
    if (Date.now() - podsSeen > PODS_EVERY_MS) {
      podsSeen = Date.now();
      [note = ""] = await podReasons(object, watch.around);
    }
    const message = note === "" ? verdict.message : `${verdict.message}; ${note}`;
    if (message !== told) watch.say(message);
    told = message;
    await pause(step, watch.signal);
    const now = await watch.read();
    if (now === undefined)
      return { object, reasons: ["the object was deleted while it was awaited"] };
    object = now;
  }
}
