import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** An address that the network has given to a pod. */
export interface Binding {
  /** Id of the container that holds the pod's network. */
  readonly container: string;
  /** IPv4. */
  readonly address: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * Which pod has which address, known before the API server knows it. Kept in a file, so that a
 * process that is started again knows it as well.
 */
export class Bindings {
  readonly #file: string;
  #all: readonly Binding[];

  constructor(file: string) {
    this.#file = file;
    this.#all = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Binding[]) : [];
  }

  /** All bindings. */
  get all(): readonly Binding[] {
    return this.#all;
  }

  /** Keeps a binding in place of all that were there for its container, address or pod. */
  add(binding: Binding): void {
    const others = this.#all.filter(
      ({ container, address, uid }) =>
        container !== binding.container && address !== binding.address && uid !== binding.uid,
    );
    this.#replace([...others, binding]);
  }

  /** Forgets what a container has; nothing where that is nothing. */
  remove(container: string): void {
    this.keep((binding) => binding.container !== container);
  }

  /** Forgets all that `wanted` does not answer true for. */
  keep(wanted: (binding: Binding) => boolean): void {
    const kept = this.#all.filter(wanted);
    if (kept.length < this.#all.length) this.#replace(kept);
  }

  /** The address of a pod, by its unique id. */
  addressOf(pod: string): string | undefined {
    return this.#all.find(({ uid }) => uid === pod)?.address;
  }

  /** The binding of a container. */
  of(id: string): Binding | undefined {
    return this.#all.find(({ container }) => container === id);
  }

  /** Whether an address is bound. */
  has(address: string): boolean {
    return this.#all.some((binding) => binding.address === address);
  }

  #replace(all: readonly Binding[]): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    // Half a file would be worse than an old one.
    writeFileSync(`${this.#file}.new`, JSON.stringify(all), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
    this.#all = all;
  }
}
