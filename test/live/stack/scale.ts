import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { type AppName, apps, isReady, type Stack } from "./fixture.ts";

/** Waits until an app has exactly `count` pods and all are ready; those that still stop count. */
export function allReady(stack: Stack, app: AppName, count: number, seconds: number) {
  return until(`${count} pods of ${app}, all ready`, seconds, async () => {
    const pods = await stack.pods(app);
    return pods.length === count && pods.every(isReady);
  });
}

/** Waits until every pod of every app is ready, and each app has one. */
export function everyPodReady(stack: Stack) {
  return until("every pod ready", 180, async () => {
    const names = Object.keys(apps) as AppName[];
    const all = await Promise.all(names.map((app) => stack.pods(app)));
    return all.every((pods) => pods.length > 0 && pods.every(isReady));
  });
}

/** How many pods there may be. */
interface Bounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** An app whose number of pods is the test's to say, until its autoscaler is set free again. */
export class Scale {
  readonly #stack: Stack;
  readonly #app: AppName;
  readonly #autoscaler: string;
  readonly #own: Bounds;

  private constructor(stack: Stack, app: AppName, autoscaler: string, own: Bounds) {
    this.#stack = stack;
    this.#app = app;
    this.#autoscaler = autoscaler;
    this.#own = own;
  }

  /** Looks up the app's autoscaler, and changes nothing yet. */
  static async of(stack: Stack, app: AppName): Promise<Scale> {
    const { namespace, selector } = apps[app];
    const { items } = await stack.get<{
      readonly items: readonly { readonly metadata: { readonly name: string }; spec: Bounds }[];
    }>("hpa", "-n", namespace, "-l", selector);
    const [found] = items;
    assert.ok(found, `an autoscaler of ${app}`);
    const { minReplicas, maxReplicas } = found.spec;
    return new Scale(stack, app, found.metadata.name, { minReplicas, maxReplicas });
  }

  /** Has so many pods, no more and no fewer; resolves when they are ready and all others gone. */
  async to(replicas: number): Promise<void> {
    await this.#bound({ minReplicas: replicas, maxReplicas: replicas });
    await allReady(this.#stack, this.#app, replicas, 180);
  }

  /** Gives the autoscaler its own bounds back. */
  async free(): Promise<void> {
    await this.#bound(this.#own);
  }

  async #bound(spec: Bounds): Promise<void> {
    const where = ["hpa", this.#autoscaler, "-n", apps[this.#app].namespace];
    await this.#stack.kubectl("patch", ...where, "-p", JSON.stringify({ spec }));
  }
}
