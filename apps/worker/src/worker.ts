import { setTimeout as pause } from "node:timers/promises";
import { describeError, type GroupLink } from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import { Consumption, type ConsumptionObserver, type ConsumptionOptions } from "./consumption.ts";
import type { Printer } from "./printer.ts";

/** What the worker needs; times in milliseconds. */
export interface WorkerOptions extends ConsumptionOptions {
  readonly openGroup: () => GroupLink;
  readonly printer: Printer;
  /** Pause after a lost membership; doubled each time up to the most. */
  readonly firstPauseMs: number;
  readonly mostPauseMs: number;
  /** How long leaving the group may take. */
  readonly leaveMs: number;
  /** Without a turn of the loop, or a heartbeat, for so long: not alive, or not ready. */
  readonly stuckMs: number;
  readonly silentMs: number;
}

/** Consumes in one membership after the other until it is told to stop. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #observer: ConsumptionObserver;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #lastTurn = Date.now();
  #current: { readonly link: GroupLink; readonly consumption: Consumption } | undefined;

  constructor(options: WorkerOptions, observer: ConsumptionObserver, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.#observer = {
      ...observer,
      turned: () => {
        this.#lastTurn = Date.now();
        observer.turned();
      },
    };
  }

  /** Why the process should be replaced, or undefined. */
  whyNotAlive(): string | undefined {
    const idle = Date.now() - this.#lastTurn;
    return idle > this.#options.stuckMs ? `the consumer loop is stuck for ${idle} ms` : undefined;
  }

  /** Why nothing is consumed now, or undefined. */
  whyNotReady(): string | undefined {
    if (this.#stopped.signal.aborted) {
      return "stopping";
    }
    if (!this.#current?.consumption.active) {
      return "not a member of the group";
    }
    const silent = Date.now() - this.#current.link.lastHeartbeat();
    // No heartbeat yet is a membership so young that joining is as good as one.
    return this.#current.link.lastHeartbeat() > 0 && silent > this.#options.silentMs
      ? `the group's coordinator is silent for ${silent} ms`
      : undefined;
  }

  /** Runs until `stop`. Rejects only when nothing can be printed any more. */
  async run(): Promise<void> {
    let wait = this.#options.firstPauseMs;
    while (!this.#stopped.signal.aborted) {
      this.#observer.turned();
      const begin = Date.now();
      await this.#member();
      if (Date.now() - begin > this.#options.mostPauseMs) {
        wait = this.#options.firstPauseMs;
      }
      await pause(wait, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      wait = Math.min(wait * 2, this.#options.mostPauseMs);
    }
  }

  /** Lets `run` end: what is in hand is printed and committed, and the group is left. */
  stop(): void {
    this.#stopped.abort();
    this.#current?.consumption.stop();
  }

  async #member(): Promise<void> {
    const { openGroup, printer, leaveMs } = this.#options;
    const link = openGroup();
    const consumption = new Consumption(link, printer, this.#options, this.#observer, this.#log);
    this.#current = { link, consumption };
    try {
      await consumption.run();
    } catch (error) {
      if (isOutputGone(error)) {
        throw error;
      }
      this.#log.warn({ reason: describeError(error) }, "membership lost");
    } finally {
      await Promise.race([link.close(), pause(leaveMs, undefined, { ref: false })]);
      this.#current = undefined;
    }
  }
}

function isOutputGone(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "write";
}
