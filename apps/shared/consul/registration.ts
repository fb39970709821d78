import { isIPv6 } from "node:net";
import type { Check } from "../admin-server.ts";
import type { Logger } from "../log.ts";
import { type ConsulClient, type ConsulClock, ConsulError, type ConsulSettings } from "./client.ts";
import type { ConsulSession, ConsulToken } from "./session.ts";

/** How Consul learns whether an instance may be counted on. */
export type ServiceCheck =
  /** The agent gets `path` at a port of the pod: well with a 2xx, which it gives where `state` is well. */
  | { readonly kind: "http"; readonly port: number; readonly path: string; readonly state: Check }
  /** The agent connects to a port of the pod. */
  | { readonly kind: "tcp"; readonly port: number }
  /** We tell our `state`. Silence counts as not well. */
  | { readonly kind: "ttl"; readonly state: Check };

/** What a pod registers as. */
export interface ServiceEntry {
  readonly name: string;
  /** Where it serves; absent: nowhere. */
  readonly port?: number;
  readonly check: ServiceCheck;
}

/** Pause between two looks at the registration, and deadline of a request to the agent. */
const TURN_MS = 1000;
const REQUEST_MS = 2000;
/** Pause between two attempts to deregister. */
const LEAVE_AGAIN_MS = 100;

/** Every second, the shortest that Consul takes; one slow answer is forgiven. */
const PROBE = { Interval: "1s", Timeout: "2s", FailuresBeforeCritical: 2 } as const;
/** Some turns long, so that one which waits for its deadline is not taken for silence. */
const TTL = "10s";
/** Time after which a critical entry is reaped, the shortest that Consul takes. */
const REAP_AFTER = "1m";

function probeOf(check: ServiceCheck, ip: string) {
  const host = isIPv6(ip) ? `[${ip}]` : ip;
  switch (check.kind) {
    case "http":
      return { HTTP: `http://${host}:${check.port}${check.path}`, ...PROBE };
    case "tcp":
      return { TCP: `${host}:${check.port}`, ...PROBE };
    case "ttl":
      return { TTL };
  }
}

/**
 * One registration with the node's agent, under the pod's name. It begins as the app's own state is,
 * else critical until its check says otherwise: an instance is found when it is ready and no sooner,
 * and is not lost for the time of a first check where the agent had only forgotten it.
 */
export class Registration {
  readonly #client: ConsulClient;
  readonly #session: ConsulSession;
  readonly #settings: Pick<ConsulSettings, "podName" | "podIp">;
  readonly #entry: ServiceEntry;
  readonly #log: Logger;
  /** Accessor of the token that we registered by. */
  #accessor: string | undefined;
  #held = false;

  constructor(
    client: ConsulClient,
    session: ConsulSession,
    settings: Pick<ConsulSettings, "podName" | "podIp">,
    entry: ServiceEntry,
    log: Logger,
  ) {
    this.#client = client;
    this.#session = session;
    this.#settings = settings;
    this.#entry = entry;
    this.#log = log;
  }

  /** Makes it true: registers where the agent has forgotten us, and tells it our state. */
  turn(): Promise<number> {
    return this.#session.use(async (token) => {
      // The agent syncs an entry with the token it was registered by, which ends.
      if (token.accessor !== this.#accessor || !(await this.#report(token))) {
        await this.#register(token);
        await this.#report(token);
      }
      return TURN_MS;
    });
  }

  /** True when the agent may have an entry of ours. */
  get held(): boolean {
    return this.#held;
  }

  /** Deregisters, as often as it takes. Never rejects; gives up when refused or the client is closed. */
  async leave(clock: ConsulClock): Promise<void> {
    const id = this.#settings.podName;
    while (this.#held && !this.#client.closed) {
      try {
        await this.#session.use((token) => this.#put(token, `service/deregister/${id}`));
        this.#held = false;
        this.#log.info({ service: this.#entry.name, id }, "deregistered");
      } catch (error) {
        const status = error instanceof ConsulError ? error.status : undefined;
        this.#held = status !== 404;
        if (status === 403) {
          return;
        }
        if (this.#held) {
          await clock.pause(LEAVE_AGAIN_MS);
        }
      }
    }
  }

  /** Tells the agent our state, or only asks for the entry; false when the agent has none of us. */
  async #report(token: ConsulToken): Promise<boolean> {
    const { check } = this.#entry;
    const id = this.#settings.podName;
    try {
      if (check.kind === "ttl") {
        const reason = check.state();
        const state = { Status: reason ? "critical" : "passing", Output: reason ?? "ok" };
        await this.#put(token, `check/update/service:${id}`, state);
      } else {
        const path = `/v1/agent/service/${id}`;
        const deadlineMs = REQUEST_MS;
        await this.#client.send({ method: "GET", path, token: token.secret, deadlineMs });
      }
      return true;
    } catch (error) {
      if (error instanceof ConsulError && error.status === 404) {
        return false;
      }
      throw error;
    }
  }

  async #register(token: ConsulToken): Promise<void> {
    const { name, port, check } = this.#entry;
    const { podName: id, podIp } = this.#settings;
    // An entry that servers refused under another token counts as synced: unless it differs, the
    // agent would offer it again only at its next full comparison, a minute later.
    const by = token.accessor;
    this.#held = true;
    await this.#put(token, "service/register?replace-existing-checks=true", {
      Name: name,
      ID: id,
      Address: podIp,
      ...(port !== undefined && { Port: port }),
      Meta: { accessor: by },
      Check: {
        CheckID: `service:${id}`,
        Name: `${name} ${check.kind}`,
        Notes: `registered by ${by}`,
        Status: check.kind === "tcp" || check.state() ? "critical" : "passing",
        ...probeOf(check, podIp),
        DeregisterCriticalServiceAfter: REAP_AFTER,
      },
    });
    this.#accessor = by;
    this.#log.info({ service: name, id }, "registered");
  }

  async #put(token: ConsulToken, path: string, body?: unknown): Promise<void> {
    await this.#client.send({
      method: "PUT",
      path: `/v1/agent/${path}`,
      token: token.secret,
      body,
      deadlineMs: REQUEST_MS,
    });
  }
}
