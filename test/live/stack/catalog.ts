import { until } from "../../until.ts";
import { ConsulApi } from "./consulApi.ts";
import { type AppName, isReady, type Pod, type Stack } from "./fixture.ts";

interface Entry {
  readonly Service: { readonly ID: string; readonly Address: string };
}

/** Names of pods, sorted. */
export const namesOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name).sort();

/** The apps as Consul's catalog has them. */
export class Catalog {
  readonly #stack: Stack;
  readonly #api: ConsulApi;

  private constructor(stack: Stack, api: ConsulApi) {
    this.#stack = stack;
    this.#api = api;
  }

  /** The catalog as the servers have it. */
  static async open(stack: Stack): Promise<Catalog> {
    return new Catalog(stack, await ConsulApi.open(stack));
  }

  /** Instances of an app by their pods, sorted; `all`: also those whose check fails. */
  async found(app: AppName, all = false): Promise<string[]> {
    const entries = await this.#entries(app, all);
    return entries.map(({ Service }) => Service.ID).sort();
  }

  /** Addresses of those instances of an app whose check passes, sorted. */
  async addresses(app: AppName): Promise<string[]> {
    const entries = await this.#entries(app, false);
    return entries.map(({ Service }) => Service.Address).sort();
  }

  /** Waits until all pods of an app are ready, and they and no others are found. */
  settled(app: AppName, seconds: number): Promise<boolean> {
    return until(`all pods of ${app} ready and found`, seconds, async () => {
      const pods = await this.#stack.pods(app);
      const names = namesOf(pods.filter(isReady));
      return names.length === pods.length && `${names}` === `${await this.found(app)}`;
    });
  }

  #entries(app: AppName, all: boolean): Promise<readonly Entry[]> {
    return this.#api.get(`/v1/health/service/${app}${all ? "" : "?passing"}`);
  }
}
