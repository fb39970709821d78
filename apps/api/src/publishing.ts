/** Why a text was not published. */
export class PublishError extends Error {
  /** `full`: refused at once, nothing was sent; `unavailable`: no acknowledgement, fate unknown. */
  readonly reason: "full" | "unavailable";

  constructor(reason: "full" | "unavailable", message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Limits of the publisher; times in milliseconds. */
export interface PublisherOptions {
  /** How long a text may wait for its acknowledgement. */
  readonly deadlineMs: number;
  /** Texts, and bytes of texts, that may be on their way at once. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** Bytes of texts in one partition's batch. */
  readonly maxBatchBytes: number;
  /** How long at most a request waits to carry as many texts as the one before it. */
  readonly lingerMs: number;
  /** Pause after a failed attempt. */
  readonly retryMs: number;
  /** Age of the metadata at which it is asked for again. */
  readonly metadataMs: number;
}

/** Time, injected for the tests. `later` runs once and returns how to prevent it. */
export interface Clock {
  now(): number;
  /** Milliseconds since 1970, for the records. */
  time(): number;
  soon(run: () => void): void;
  later(ms: number, run: () => void): () => void;
}

/** The clock of this machine; its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  time: () => Date.now(),
  soon: (run) => {
    setImmediate(run);
  },
  later: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
