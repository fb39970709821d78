import { z } from "zod";
import { readSettings, wholeNumber } from "../../shared/settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const port = wholeNumber(1, 65535);

/**
 * Settings of both commands.
 *
 * | variable     | meaning                                                      | default    |
 * |--------------|--------------------------------------------------------------|------------|
 * | OPEN_PORT    | port that the policies let the client reach                  | (required) |
 * | CLOSED_PORTS | ports that they refuse, each in its way; separated by commas | (required) |
 */
export function readPorts(environment: Environment) {
  const read = readSettings(
    { OPEN_PORT: port, CLOSED_PORTS: z.string().transform(split).pipe(z.array(port)) },
    environment,
  );
  return { open: read.OPEN_PORT, closed: read.CLOSED_PORTS };
}

/** The ports of both commands. */
export type Ports = ReturnType<typeof readPorts>;

function split(list: string): string[] {
  return list.split(",").map((part) => part.trim());
}
