import { isDeepStrictEqual } from "node:util";
import type { ConsulClient } from "./client.ts";
import type { ConsulSession } from "./session.ts";

/** A registered instance that passes its checks. */
export interface Instance {
  readonly id: string;
  readonly address: string;
  readonly port: number;
}

/** How long Consul may keep a query that has no news; it adds up to a sixteenth at random. */
const WAIT_MS = 300_000;
const DEADLINE_MS = WAIT_MS + WAIT_MS / 16 + 10_000;
/** Pause between two queries: a service that changes all the time is not asked for all the time. */
const REST_MS = 100;

interface HealthEntry {
  readonly Node: { readonly Address: string };
  readonly Service: { readonly ID: string; readonly Address: string; readonly Port: number };
}

function instancesOf(body: string): readonly Instance[] {
  return (JSON.parse(body) as readonly HealthEntry[])
    .map(({ Node, Service }) => ({
      id: Service.ID,
      address: Service.Address || Node.Address,
      port: Service.Port,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Follows the passing instances of one service by blocking queries, as Consul's documentation asks
 * for: https://developer.hashicorp.com/consul/api-docs/features/blocking
 */
export class ServiceWatch {
  readonly #client: ConsulClient;
  readonly #session: ConsulSession;
  readonly #name: string;
  readonly #changed: (instances: readonly Instance[]) => void;
  readonly #signal: AbortSignal;
  #index = 0;
  #known: readonly Instance[] | undefined;

  /** `changed` gets all instances, by id, at first and when they differ; what was known stays while Consul is away. */
  constructor(
    client: ConsulClient,
    session: ConsulSession,
    name: string,
    changed: (instances: readonly Instance[]) => void,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#session = session;
    this.#name = name;
    this.#changed = changed;
    this.#signal = signal;
  }

  /** Waits for news once. */
  async turn(): Promise<number> {
    const blocking = this.#index > 0 ? `&index=${this.#index}&wait=${WAIT_MS / 1000}s` : "";
    const { body, index } = await this.#session.use(({ secret }) =>
      this.#client.send({
        method: "GET",
        path: `/v1/health/service/${encodeURIComponent(this.#name)}?passing=true${blocking}`,
        token: secret,
        deadlineMs: DEADLINE_MS,
        signal: this.#signal,
      }),
    );
    // An index that went back is of another history. Zero would not block at all.
    this.#index = index < this.#index ? 0 : Math.max(index, 1);
    const instances = instancesOf(body);
    if (!isDeepStrictEqual(instances, this.#known)) {
      this.#known = instances;
      this.#changed(instances);
    }
    return REST_MS;
  }
}
