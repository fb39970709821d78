import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const credentials = z.object({ current: z.string().optional() });

/** Environment variables; those that are not named stay as they are. */
export type Variables = Readonly<Record<string, string>>;

/** The backend that a person has logged in to with `pulumi login`, if any. */
function login(environment: NodeJS.ProcessEnv): string | undefined {
  const home = environment.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const file = join(home, "credentials.json");
  if (!existsSync(file)) return undefined;
  return credentials.parse(JSON.parse(readFileSync(file, "utf8"))).current || undefined;
}

/** The person's own backend: PULUMI_BACKEND_URL, else a login; undefined without either. */
export function ownBackend(environment: NodeJS.ProcessEnv): Variables | undefined {
  if (environment.PULUMI_BACKEND_URL) return {};
  const url = login(environment);
  if (url === undefined) return undefined;
  const home = environment.PULUMI_HOME ?? join(homedir(), ".pulumi");
  return { PULUMI_BACKEND_URL: url, PULUMI_CREDENTIALS_PATH: home };
}

/**
 * State without an account: a file backend below `folder`, encrypted with a passphrase that is made
 * on first use and never leaves the machine.
 */
export function fileBackend(folder: string): Variables {
  const state = join(folder, "state");
  const passphrase = join(folder, "passphrase");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  if (!existsSync(passphrase)) {
    writeFileSync(passphrase, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  }
  return { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE_FILE: passphrase };
}
