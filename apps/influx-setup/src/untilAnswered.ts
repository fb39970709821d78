import { type Ask, Refusal } from "./ask.ts";

/** How long to go on trying. */
export interface Patience {
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Told why it waits, each reason once in a row. */
  readonly say: (line: string) => void;
}

const PAUSE_MS = 500;
/** Codes of Node.js and OpenSSL for a certificate that does not hold. */
const CERTIFICATE = /CERT|^ERR_TLS|^UNABLE_TO_|^DEPTH_ZERO|^SELF_SIGNED|^HOSTNAME_MISMATCH/;

/**
 * Waits until InfluxDB answers at all, and be it with a refusal: it opens its port before it has
 * read what it holds, and a Job may come to a server that is about to be replaced.
 *
 * @throws Error at once for a certificate that does not hold, else with the last reason when the
 *   deadline has passed
 */
export async function untilAnswered(ask: Ask, patience: Patience): Promise<void> {
  const { deadlineMs, now, pause, say } = patience;
  const end = now() + deadlineMs;
  let last = "";
  for (;;) {
    try {
      await ask("SHOW DATABASES");
      return;
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) return;
      const reason = error instanceof Error ? error.message : String(error);
      const code = String((error as { readonly code?: unknown }).code ?? "");
      if (CERTIFICATE.test(code)) throw new Error(`InfluxDB: ${reason} (${code})`);
      if (now() >= end) throw new Error(`InfluxDB: not reached in time: ${reason}`);
      if (reason !== last) say(`waiting: ${reason}`);
      last = reason;
    }
    await pause(PAUSE_MS);
  }
}
