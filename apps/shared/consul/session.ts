import { readFileSync } from "node:fs";
import { type ConsulClient, type ConsulClock, ConsulError } from "./client.ts";

/** What Consul gave for a login. */
export interface ConsulToken {
  readonly secret: string;
  /** Its public name. */
  readonly accessor: string;
}

/** A token and its time by our clock; milliseconds. */
interface Held extends ConsulToken {
  renewAt: number;
  readonly endAt: number;
}

/** The name that the cluster's Consul gives to logins with a service account. */
const AUTH_METHOD = "kubernetes";
/** A login waits for a leader; while there is none, the agent keeps it for seconds. */
const LOGIN_MS = 5000;
const LOGOUT_MS = 2000;
/** Part of its life after which a token is replaced, and how soon a failed replacement is tried again. */
const RENEW_SHARE = 2 / 3;
const RENEW_AGAIN_MS = 10_000;
/** A server that follows has a new token some milliseconds after the leader. */
const CONFIRM_TRIES = 20;
const CONFIRM_MS = 100;

function hold(body: string, now: number): Held {
  const { SecretID, AccessorID, CreateTime, ExpirationTime } = JSON.parse(body) as {
    readonly SecretID: string;
    readonly AccessorID: string;
    readonly CreateTime: string;
    readonly ExpirationTime?: string;
  };
  // Both times are of Consul's clock, which need not agree with ours.
  const life = ExpirationTime
    ? Date.parse(ExpirationTime) - Date.parse(CreateTime)
    : Number.POSITIVE_INFINITY;
  return {
    secret: SecretID,
    accessor: AccessorID,
    renewAt: now + life * RENEW_SHARE,
    endAt: now + life,
  };
}

/**
 * Our login with Consul: by the pod's service account, when a token is first needed, when Consul no
 * longer knows it, and before it ends. A token that was replaced is left to run out: the agent and
 * others may still hold it.
 */
export class ConsulSession {
  readonly #client: ConsulClient;
  readonly #loginFile: string;
  readonly #clock: ConsulClock;
  readonly #onToken: (secret: string) => void;
  #token: Held | undefined;
  #pending: Promise<Held> | undefined;

  /** `onToken` is told each new token once it works. */
  constructor(
    client: ConsulClient,
    loginFile: string,
    clock: ConsulClock,
    onToken: (secret: string) => void,
  ) {
    this.#client = client;
    this.#loginFile = loginFile;
    this.#clock = clock;
    this.#onToken = onToken;
  }

  /**
   * Does `work` with a token, once more with a new one where Consul does not know the first. Rejects
   * as `work` does, and when there is no login.
   */
  async use<T>(work: (token: ConsulToken) => Promise<T>): Promise<T> {
    const token = await this.#current();
    try {
      return await work(token);
    } catch (error) {
      if (!(error instanceof ConsulError && error.refused)) {
        throw error;
      }
      this.#token = this.#token === token ? undefined : this.#token;
      if (error.unknownToken) {
        return await work(await this.#current());
      }
      // What a token may do is decided at its login: the next turn takes another one.
      await this.#logout(token);
      throw error;
    }
  }

  /** Logs out. Never rejects: a token that is left runs out. */
  async close(): Promise<void> {
    const token = await (this.#pending ?? Promise.resolve(this.#token)).catch(() => undefined);
    this.#token = undefined;
    if (token) {
      await this.#logout(token);
    }
  }

  async #current(): Promise<Held> {
    const token = this.#token;
    const now = this.#clock.now();
    if (!token || now >= token.endAt) {
      return await this.#login();
    }
    if (now >= token.renewAt) {
      token.renewAt = now + RENEW_AGAIN_MS;
      this.#login().catch(() => undefined);
    }
    return token;
  }

  #login(): Promise<Held> {
    this.#pending ??= this.#open().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #open(): Promise<Held> {
    const bearer = readFileSync(this.#loginFile, "utf8").trim();
    const { body } = await this.#client.send({
      method: "POST",
      path: "/v1/acl/login",
      body: { AuthMethod: AUTH_METHOD, BearerToken: bearer },
      hide: [bearer],
      deadlineMs: LOGIN_MS,
    });
    const token = hold(body, this.#clock.now());
    await this.#confirm(token);
    this.#token = token;
    this.#onToken(token.secret);
    return token;
  }

  /**
   * Waits until the server that the agent asks has the token too: an agent that asks too early
   * remembers for half a minute that there is none. This look goes past that memory.
   */
  async #confirm({ secret }: Held): Promise<void> {
    const asked = {
      method: "GET",
      path: "/v1/acl/token/self?stale",
      token: secret,
      deadlineMs: LOGIN_MS,
    } as const;
    for (let left = CONFIRM_TRIES; ; left--) {
      try {
        await this.#client.send(asked);
        return;
      } catch (error) {
        const early =
          error instanceof ConsulError && (error.unknownToken || error.status === 404) && left > 1;
        if (!early) {
          throw error;
        }
      }
      await this.#clock.pause(CONFIRM_MS);
    }
  }

  async #logout({ secret }: ConsulToken): Promise<void> {
    const asked = { method: "POST", path: "/v1/acl/logout", token: secret } as const;
    await this.#client.send({ ...asked, deadlineMs: LOGOUT_MS }).catch(() => undefined);
  }
}
