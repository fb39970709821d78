import type { Request } from "./ask.ts";
import type { Binding, Bindings } from "./bindings.ts";
import { compile } from "./compile.ts";
import { Enforcer, type EnforcerOptions, type Plan } from "./enforcer.ts";
import { isMember, membersOf } from "./members.ts";
import type { Namespace, NetworkPolicy, Pod } from "./objects.ts";
import { formatAddress } from "./ranges.ts";
import { render } from "./render.ts";

/** A collection that is followed; undefined before it was read for the first time. */
export interface Source<T> {
  readonly objects: readonly T[] | undefined;
  /** Why changes may be missed at this moment. */
  readonly problem: string | undefined;
}

/** What a keeper is made from. */
export interface KeeperOptions extends Omit<EnforcerOptions, "plan"> {
  readonly pods: Source<Pod>;
  readonly namespaces: Source<Namespace>;
  readonly policies: Source<NetworkPolicy>;
  readonly bindings: Bindings;
  /** Throws where the rules that were loaded are not in force any more. */
  readonly verify: () => Promise<void>;
}

/** Milliseconds that a new pod waits for its rules. */
const patience = 10_000;

/** Puts the watched objects and the pods' addresses together, and answers who asks about them. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #enforcer: Enforcer;
  /**
   * Pods that had an address before there was anybody to be told of it. Of all others only the
   * binding counts: a status comes late, and stays when the address is another pod's already.
   */
  #early: ReadonlySet<string> | undefined;
  /** What a former process has left. */
  readonly #former: readonly Binding[];

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#former = options.bindings.all;
    this.#enforcer = new Enforcer({ ...options, plan: () => this.#plan() });
  }

  /** To be called after every change of a source. */
  changed(): void {
    this.#enforcer.changed();
  }

  /** Does what is asked; throws with the reason where it cannot. */
  async handle(request: Request): Promise<void> {
    const { bindings } = this.#options;
    switch (request.command) {
      case "add": {
        const { binding } = request;
        bindings.add(binding);
        this.#enforcer.changed();
        return this.#enforcer.stands(binding.address, binding.uid, patience);
      }
      case "check": {
        const { container, address } = request;
        const found = bindings.of(container)?.address;
        if (found !== address)
          throw new Error(`${container} has ${found ?? "none"}, not ${address}`);
        return;
      }
      case "delete":
        bindings.remove(request.container);
        return this.#enforcer.changed();
      case "health":
        return this.#checkHealth();
    }
  }

  async #checkHealth(): Promise<void> {
    const problem = this.#enforcer.problem();
    if (problem !== undefined) throw new Error(problem);
    await this.#options.verify().catch((error: unknown) => {
      this.#enforcer.lost();
      throw error;
    });
  }

  #plan(): Plan | string {
    const { pods, namespaces, policies, bindings } = this.#options;
    const problem = pods.problem ?? namespaces.problem ?? policies.problem;
    if (!pods.objects || !namespaces.objects || !policies.objects) {
      return problem ?? "not everything was read yet";
    }
    this.#early ??= this.#settle(pods.objects);
    const early = this.#early;
    const addressOf = ({ metadata, status }: Pod): string | undefined => {
      const bound = bindings.addressOf(metadata.uid);
      if (bound !== undefined || !early.has(metadata.uid)) return bound;
      return bindings.has(status?.podIP ?? "") ? undefined : status?.podIP;
    };
    const members = membersOf(pods.objects, addressOf);
    const rules = compile({
      members,
      namespaces: namespaces.objects,
      policies: policies.objects,
    });
    return {
      text: render(rules),
      pods: new Map(members.map(({ address, uid }) => [formatAddress(address), uid])),
      stale: problem,
    };
  }

  /** Forgets addresses of pods that went while nobody was there to be told; finds early pods. */
  #settle(pods: readonly Pod[]): ReadonlySet<string> {
    const { bindings } = this.#options;
    const known = new Set(pods.map(({ metadata }) => metadata.uid));
    bindings.keep((binding) => known.has(binding.uid) || !this.#former.includes(binding));
    const unbound = pods.filter(
      (pod) => isMember(pod) && bindings.addressOf(pod.metadata.uid) === undefined,
    );
    return new Set(unbound.map(({ metadata }) => metadata.uid));
  }
}
