import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/**
 * JSON lines with level names and ISO times. `descriptor` is 1 (stdout) or 2 (stderr); an app whose
 * output is its product logs to 2. Written at once: a line that is lost in a crash is the one needed.
 */
export function createLogger(app: string, level: string, descriptor: 1 | 2): Logger {
  return pino(
    {
      level,
      base: { app },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: descriptor, sync: true }),
  );
}
