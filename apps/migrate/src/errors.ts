/** SQLSTATE of a lock that was not had in time. */
export const LOCK_NOT_AVAILABLE = "55P03";

/** What PostgreSQL will not change its mind about: who comes (28), and which database (3D). */
const FINAL_STATE = /^(28|3D)[0-9A-Z]{3}$/;
/** Codes of Node.js and OpenSSL for a certificate that does not hold. */
const CERTIFICATE = /CERT|^ERR_TLS|^UNABLE_TO_|^DEPTH_ZERO|^SELF_SIGNED|^HOSTNAME_MISMATCH/;

function textOf(error: unknown, field: "code" | "position"): string {
  const value = (error as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === "string" ? value : "";
}

/** An error's code: a SQLSTATE of five characters, or that of Node.js; empty where it has none. */
export function codeOf(error: unknown): string {
  return textOf(error, "code");
}

/** Whether a connection that failed with this would fail again. */
export function isFinal(error: unknown): boolean {
  const code = codeOf(error);
  return FINAL_STATE.test(code) || CERTIFICATE.test(code);
}

/** An error in one line, with its code. */
export function describeError(error: unknown): string {
  // One for each address of a host, all of them failed.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const message = first instanceof Error ? first.message : String(first);
  const code = codeOf(first);
  const line = message.replace(/\s*\n\s*/g, "; ");
  return code === "" || line.includes(code) ? line : `${line} (${code})`;
}

/** The line of `sql` that an error of PostgreSQL is about; undefined where it names no place. */
export function lineOf(error: unknown, sql: string): number | undefined {
  const position = Number(textOf(error, "position"));
  return position > 0 ? sql.slice(0, position - 1).split("\n").length : undefined;
}
