import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Stack } from "./fixture.ts";

const line = /^Topic: web-greetings Partition: (\d+) Offset: (\d+) – (.*)$/;

/** Follows what all Workers print, pods that come and go included. */
export class Printed {
  /** How often each text was printed. */
  readonly texts = new Map<string, number>();
  /** Lines that are neither `Running!` nor of the form of a message. */
  readonly strange: string[] = [];
  readonly #stack: Stack;
  readonly #followed = new Map<string, ChildProcess>();
  #open = true;
  readonly #watching: Promise<void>;

  constructor(stack: Stack) {
    this.#stack = stack;
    this.#watching = this.#watch();
  }

  /** How many of `wanted` were not printed yet. */
  missing(wanted: Iterable<string>): number {
    let count = 0;
    for (const text of wanted) if (!this.texts.has(text)) count++;
    return count;
  }

  /** Prints beyond the first, of all texts of a run. */
  duplicates(run: string): number {
    let count = 0;
    for (const [text, times] of this.texts) if (text.startsWith(`${run}-`)) count += times - 1;
    return count;
  }

  /** Stops following. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#watching;
    for (const child of this.#followed.values()) child.kill();
  }

  async #watch(): Promise<void> {
    while (this.#open) {
      const pods = await this.#stack.pods("worker").catch(() => []);
      for (const { metadata } of pods) {
        if (!this.#followed.has(metadata.uid)) this.#follow(metadata.uid, metadata.name);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  #follow(uid: string, pod: string): void {
    const args = ["--context", "sandbox", "-n", "greetings", "logs", "--follow", "--tail=-1", pod];
    const env = this.#stack.session.environment;
    const child = spawn("kubectl", [...args, "-c", "worker"], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#followed.set(uid, child);
    createInterface({ input: child.stdout }).on("line", (text) => this.#take(text));
    // A container that is not up yet refuses; the next look at the pods tries again.
    child.on("exit", (code) => {
      if (code !== 0) this.#followed.delete(uid);
    });
  }

  #take(text: string): void {
    const [, , , message] = line.exec(text) ?? [];
    // The logs of the process are on standard error, which the container's log carries as well.
    if (message === undefined) {
      if (text !== "Running!" && !text.startsWith("{")) this.strange.push(text);
      return;
    }
    this.texts.set(message, (this.texts.get(message) ?? 0) + 1);
  }
}
