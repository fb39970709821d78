import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import { createRun } from "../../../sandbox/run.ts";

const requirements = join(__dirname, "requirements.txt");
const run = createRun();

/** What the installed programs depend on besides the requirements; pip's version it prints, too. */
const ASK = "import sys, pip; print(sys.version, sys.prefix)";

/** Version and place of the machine's Python 3, undefined where it or its pip is missing. */
export function findPython(): Promise<string | undefined> {
  return run("python3", ["-c", ASK]).catch(() => undefined);
}

/**
 * Installs the AWS CLI and moto, unless that was done before with the same requirements, and hands
 * out the folder: its `bin` has `aws`, and PYTHONPATH must name it. An installation that breaks off
 * leaves nothing that could be taken for a finished one.
 *
 * @param python as `findPython` tells it
 */
export async function installTools(python: string): Promise<string> {
  const { builds } = sandboxPaths();
  const hash = createHash("sha256").update(python).update(readFileSync(requirements));
  const finished = join(builds, `aws-tools-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(finished)) return finished;
  mkdirSync(builds, { recursive: true });
  const unfinished = mkdtempSync(`${finished}.`);
  try {
    // Into a folder instead of an environment of its own: Debian's python3 has no ensurepip.
    await run("python3", [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"],
      ...["--only-binary", ":all:", "--require-hashes", "--requirement", requirements],
      ...["--target", unfinished],
    ]);
    renameSync(unfinished, finished);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return finished;
}
