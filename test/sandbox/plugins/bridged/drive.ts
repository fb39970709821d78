import type {
  CreateResult,
  DiffResult,
  PropertyMap,
  Provider,
} from "../../../../sandbox/plugins/rpc/index.ts";

/** Does with a provider what the engine would do with it, for resources of one type. */
export class Driver {
  readonly #provider: Provider;
  readonly #interruption = new AbortController();
  readonly #identity: { readonly type: string; readonly urn: string; readonly name: string };

  constructor(provider: Provider, type: string) {
    this.#provider = provider;
    this.#identity = { type, urn: `urn:pulumi:test::test::${type}::one`, name: "one" };
  }

  /** Presses ctrl-C. */
  interrupt(): void {
    this.#interruption.abort();
  }

  /** Checks `inputs`. Throws an error with all failures, one a line. */
  async check(inputs: PropertyMap): Promise<PropertyMap> {
    const request = { ...this.#identity, oldInputs: {}, inputs, randomSeed: new Uint8Array() };
    const checked = await this.#provider.check(request);
    if (checked.failures.length === 0) return checked.inputs;
    throw new Error(checked.failures.map((one) => `${one.property}: ${one.reason}`).join("\n"));
  }

  /** Checks and creates. */
  async create(inputs: PropertyMap, preview = false): Promise<CreateResult> {
    const checked = await this.check(inputs);
    const request = { ...this.#identity, inputs: checked, preview, timeout: 0 };
    return this.#provider.create(request, this.#interruption.signal);
  }

  /** Checks and compares with what is there. */
  async diff(
    oldInputs: PropertyMap,
    oldState: PropertyMap,
    news: PropertyMap,
  ): Promise<DiffResult> {
    const inputs = await this.check(news);
    const request = { ...this.#identity, id: "one", oldInputs, oldState, ignoreChanges: [] };
    return this.#provider.diff({ ...request, inputs });
  }

  /** Checks and updates. */
  async update(oldState: PropertyMap, news: PropertyMap, preview = false): Promise<PropertyMap> {
    const inputs = await this.check(news);
    const request = { ...this.#identity, id: "one", oldInputs: {}, oldState, ignoreChanges: [] };
    const updated = await this.#provider.update(
      { ...request, inputs, preview, timeout: 0 },
      this.#interruption.signal,
    );
    return updated.state;
  }

  /** Reads by `id`: an import without the state, a refresh with it. */
  async read(
    id: string,
    oldState: PropertyMap = {},
  ): Promise<CreateResult & { readonly inputs: PropertyMap }> {
    const request = { ...this.#identity, id, oldInputs: {}, oldState };
    const found = await this.#provider.read(request, this.#interruption.signal);
    if (found === undefined) throw new Error("the resource is gone");
    return found;
  }

  /** Deletes. */
  async delete(id: string): Promise<void> {
    const request = { ...this.#identity, id, oldInputs: {}, oldState: {}, timeout: 0 };
    await this.#provider.delete(request, this.#interruption.signal);
  }
}
