import type { Logger } from "../log.ts";
import { ConsulClient, type ConsulClock, type ConsulSettings, systemClock } from "./client.ts";
import { runLoop } from "./loop.ts";
import { Registration, type ServiceEntry } from "./registration.ts";
import { ConsulSession, type ConsulToken } from "./session.ts";
import { type Instance, ServiceWatch } from "./watch.ts";

/** An app's link to the Consul agent of its node. */
export interface ConsulLink {
  /** Registers the pod and keeps that true until `close`, also when Consul was away. */
  register(entry: ServiceEntry): void;
  /** Stays logged in until `close`, for `onToken`; for an app that needs nothing else of Consul. */
  login(): void;
  /** Tells the passing instances of a service, now and whenever they change, until `close`. */
  watch(name: string, changed: (instances: readonly Instance[]) => void): void;
  /** Deregisters and logs out, in 2 s at most, whatever Consul does. Never rejects. */
  close(): Promise<void>;
}

/** What a link may be given besides its settings. */
export interface ConsulOptions {
  /**
   * Told each new token as soon as it works; for a program beside us that needs one.
   * Must not throw.
   */
  readonly onToken?: (secret: string) => void;
  /** @default the machine's */
  readonly clock?: ConsulClock;
}

const CLOSE_MS = 2000;
/** Pause between two looks whether the login still holds, and the most that a look may take. */
const LOOK_MS = 5000;
const LOOK_DEADLINE_MS = 2000;

class Link implements ConsulLink {
  readonly #settings: ConsulSettings;
  readonly #log: Logger;
  readonly #clock: ConsulClock;
  readonly #client: ConsulClient;
  readonly #session: ConsulSession;
  readonly #stopped = new AbortController();
  readonly #registrations: Registration[] = [];
  readonly #loops: Promise<void>[] = [];

  constructor(settings: ConsulSettings, log: Logger, options: ConsulOptions) {
    const { clock = systemClock, onToken = () => undefined } = options;
    this.#settings = settings;
    this.#log = log;
    this.#clock = clock;
    this.#client = new ConsulClient(settings);
    this.#session = new ConsulSession(this.#client, settings.loginFile, clock, onToken);
  }

  register(entry: ServiceEntry): void {
    const parts = [this.#client, this.#session, this.#settings] as const;
    const registration = new Registration(...parts, entry, this.#log);
    this.#registrations.push(registration);
    this.#run(`registration of ${entry.name}`, () => registration.turn());
  }

  login(): void {
    this.#run("login", () => this.#session.use((token) => this.#look(token)));
  }

  watch(name: string, changed: (instances: readonly Instance[]) => void): void {
    const { signal } = this.#stopped;
    const watch = new ServiceWatch(this.#client, this.#session, name, changed, signal);
    this.#run(`look-up of ${name}`, () => watch.turn());
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    const left = new AbortController();
    await Promise.race([
      this.#leave().finally(() => left.abort()),
      this.#clock.pause(CLOSE_MS, left.signal),
    ]);
    this.#client.close();
    if (this.#registrations.some(({ held }) => held)) {
      this.#log.warn("not deregistered: consul reaps what is left");
    }
  }

  /** A token that Consul no longer knows is refused here, and so replaced. */
  async #look({ secret }: ConsulToken): Promise<number> {
    await this.#client.send({
      method: "GET",
      path: "/v1/acl/token/self?stale",
      token: secret,
      deadlineMs: LOOK_DEADLINE_MS,
    });
    return LOOK_MS;
  }

  /** In this order: a registration on its way would come after what takes it back. */
  async #leave(): Promise<void> {
    await Promise.all(this.#loops);
    await Promise.all(this.#registrations.map((one) => one.leave(this.#clock)));
    await this.#session.close();
  }

  #run(name: string, turn: () => Promise<number>): void {
    const loop = { name, turn, clock: this.#clock, log: this.#log };
    this.#loops.push(runLoop(loop, this.#stopped.signal));
  }
}

/** Prepares a link; nothing is asked before it is used. An app never fails for want of Consul. */
export function openConsul(
  settings: ConsulSettings,
  log: Logger,
  options: ConsulOptions = {},
): ConsulLink {
  return new Link(settings, log, options);
}
