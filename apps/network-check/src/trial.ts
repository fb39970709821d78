/** What a trial needs of the outside. */
export interface Surroundings {
  /** Whether the server answers at a port, in one attempt that ends by itself. */
  answers(port: number): Promise<boolean>;
  /** Tells the server that it may end; false when it could not be told. */
  dismiss(): Promise<boolean>;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  pause(ms: number): Promise<void>;
}

const PAUSE_MS = 500;
/** How long the open port may take to answer, and the closed ones to close. */
const OPEN_MS = 60_000;
const CLOSED_MS = 30_000;
/** Failures in a row that count: a single one may be an accident. */
const FAILURES = 3;

/**
 * Finds out by trying whether a cluster enforces network policies.
 *
 * @returns `enforced`, `NOT ENFORCED`, or `not tried: ` and the reason
 */
export async function tryPolicies(
  ports: { readonly open: number; readonly closed: readonly number[] },
  around: Surroundings,
): Promise<string> {
  if (!(await opens(ports.open, around))) {
    return `not tried: the server's open port ${ports.open} did not answer within ${OPEN_MS / 1000} s`;
  }
  const closed = await Promise.all(ports.closed.map((port) => closes(port, around)));
  // A server that is gone looks like one that is well guarded.
  if (!(await around.dismiss())) {
    return `not tried: the server's open port ${ports.open} stopped to answer`;
  }
  return closed.every(Boolean) ? "enforced" : "NOT ENFORCED";
}

async function opens(port: number, around: Surroundings): Promise<boolean> {
  const end = around.now() + OPEN_MS;
  for (;;) {
    if (await around.answers(port)) return true;
    if (around.now() >= end) return false;
    await around.pause(PAUSE_MS);
  }
}

/** Rules may take effect seconds after a pod has started, so one answer decides nothing yet. */
async function closes(port: number, around: Surroundings): Promise<boolean> {
  const end = around.now() + CLOSED_MS;
  for (let failures = 0; ; ) {
    failures = (await around.answers(port)) ? 0 : failures + 1;
    if (failures === FAILURES) return true;
    if (failures === 0 && around.now() >= end) return false;
    await around.pause(PAUSE_MS);
  }
}
