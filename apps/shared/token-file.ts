import { renameSync, writeFileSync } from "node:fs";

/** For us and our group, which the program beside us is in. */
const MODE = 0o640;

/**
 * Leaves a token where the program beside us reads it: as one line, and at once, so that nobody ever
 * reads half of one. Throws when the folder cannot be written.
 */
export function leaveToken(file: string, secret: string): void {
  const written = `${file}.new`;
  writeFileSync(written, `${secret}\n`, { mode: MODE });
  renameSync(written, file);
}
