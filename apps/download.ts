import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

/** A file of somebody else that goes into an image as it is. */
export interface Download {
  readonly url: string;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
}

const ATTEMPTS = 3;
const TIMEOUT_MS = 60_000;
const LARGEST = 64 * 1024 * 1024;

/** Prints what a URL has. */
const PROGRAM = `
  fetch(process.argv[1]).then(async (answer) => {
    if (!answer.ok) throw new Error("answered " + answer.status);
    process.stdout.write(Buffer.from(await answer.arrayBuffer()));
  }).catch((error) => {
    process.stderr.write(error.cause?.message || error.cause?.code || error.message);
    process.exitCode = 1;
  });`;

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The content, or why there is none. */
function ask(url: string): Buffer | string {
  // Bundles are made before anything can be waited for, so another process does the waiting. It
  // trusts whom the machine trusts, as the docker engine does.
  const args = ["--use-system-ca", "--eval", PROGRAM, url];
  const asked = spawnSync(process.execPath, args, { timeout: TIMEOUT_MS, maxBuffer: LARGEST });
  if (asked.status === 0) return asked.stdout;
  return asked.error?.message ?? (asked.stderr.toString().trim() || `ended by ${asked.signal}`);
}

/**
 * What is to be in `file`: its present content where that is the right one, else it is downloaded.
 * Throws when nobody has it, and when it is not what `sha256` says.
 */
export function contentOf({ url, sha256: wanted }: Download, file: string): Buffer {
  const present = existsSync(file) ? readFileSync(file) : undefined;
  if (present && sha256(present) === wanted) return present;
  let got: Buffer | string = "";
  for (let attempt = 0; attempt < ATTEMPTS && typeof got === "string"; attempt += 1) got = ask(url);
  if (typeof got === "string") throw new Error(`${url} cannot be downloaded: ${got}`);
  const found = sha256(got);
  if (found !== wanted) {
    throw new Error(`${url}: got a file with the SHA-256 ${found}, expected is ${wanted}`);
  }
  return got;
}
