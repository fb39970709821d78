import type { Logger } from "../../../../apps/shared/log.ts";

/** A log that keeps its lines: level, message and fields. */
export function keptLog(): { readonly log: Logger; readonly lines: unknown[][] } {
  const lines: unknown[][] = [];
  const at =
    (level: string) =>
    (first: unknown, message?: unknown): void => {
      lines.push(message === undefined ? [level, first] : [level, message, first]);
    };
  const log = { info: at("info"), warn: at("warn"), error: at("error") } as unknown as Logger;
  return { log, lines };
}
