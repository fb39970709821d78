import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../wait.ts";

/** A ruleset and what is to be known about it. */
export interface Plan {
  /** Input for `nft -f -`. */
  readonly text: string;
  /** Unique id of the pod at each address that the ruleset knows. */
  readonly pods: ReadonlyMap<string, string>;
  /** Why what it was made from may be out of date; undefined where it is not. */
  readonly stale: string | undefined;
}

/** What an enforcer is made from. */
export interface EnforcerOptions {
  /** The rules as they should be now, or why that is not known yet. */
  readonly plan: () => Plan | string;
  /** Puts a ruleset in force, as a whole or not at all. */
  readonly load: (text: string) => Promise<void>;
  readonly log: (line: string) => void;
  /** Milliseconds in which changes are gathered, and after which a failure is tried again. */
  readonly gather: number;
  readonly retry: number;
}

/**
 * Keeps the packet filter in step with the cluster: one load at a time, always of the newest plan,
 * and none where the text has not changed.
 */
export class Enforcer {
  readonly #options: EnforcerOptions;
  /** Called after each step; what waits for rules looks whether they stand. */
  readonly #onStep = new Set<() => void>();
  #isBusy = false;
  #isChanged = false;
  #standing: Plan | undefined;
  #unknown = "nothing was read yet";
  #failure: string | undefined;

  constructor(options: EnforcerOptions) {
    this.#options = options;
  }

  /** Something is different: plans anew, and loads what has come out of it. */
  changed(): void {
    this.#isChanged = true;
    if (!this.#isBusy) void this.#work();
  }

  /** What was loaded is not in force any more: loads it again. */
  lost(): void {
    this.#standing = undefined;
    this.changed();
  }

  /** Why the rules in force are not those of the cluster; undefined where they are. */
  problem(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    return this.#standing ? this.#standing.stale : this.#unknown;
  }

  /**
   * Waits until rules stand that know the pod at its address and were made from what the cluster
   * is now. Throws with the reason when `milliseconds` have passed.
   */
  stands(address: string, uid: string, milliseconds: number): Promise<void> {
    const reason = () => {
      const isKnown = this.#standing?.pods.get(address) === uid;
      return this.problem() ?? (isKnown ? undefined : `pod ${uid} is not known at ${address}`);
    };
    return new Promise((resolve, reject) => {
      const look = () => {
        if (reason() === undefined) end(resolve);
      };
      const late = () =>
        end(() => reject(new Error(`not within ${milliseconds / 1000} s: ${reason()}`)));
      const timer = setTimeout(late, milliseconds);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#onStep.delete(look);
        settle();
      };
      this.#onStep.add(look);
      look();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#isChanged) {
      await sleep(this.#failure === undefined ? this.#options.gather : this.#options.retry);
      this.#isChanged = false;
      await this.#step().catch((error: unknown) => {
        this.#failure = messageOf(error);
        this.#options.log(`the rules stay as they were: ${this.#failure}`);
        this.#isChanged = true;
      });
      for (const look of this.#onStep) look();
    }
    this.#isBusy = false;
  }

  async #step(): Promise<void> {
    const plan = this.#options.plan();
    if (typeof plan === "string") {
      this.#unknown = plan;
      return;
    }
    if (plan.text !== this.#standing?.text) {
      const begin = performance.now();
      await this.#options.load(plan.text);
      const took = Math.round(performance.now() - begin);
      this.#options.log(`rules of ${plan.pods.size} pods loaded in ${took} ms`);
    }
    this.#standing = plan;
    this.#failure = undefined;
  }
}
