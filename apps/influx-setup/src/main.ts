import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { settingsOrExit } from "../../shared/settings.ts";
import { applyWanted } from "./apply.ts";
import { askAt } from "./ask.ts";
import { readSetupSettings } from "./settings.ts";
import { untilAnswered } from "./untilAnswered.ts";
import { parseWanted } from "./wanted.ts";

/** Makes what is declared in InfluxDB, or ends with the reason why not. */
async function main(): Promise<void> {
  const settings = settingsOrExit(readSetupSettings);
  const wanted = parseWanted(readFileSync(settings.WANTED_FILE, "utf8"));
  const ask = askAt({
    host: settings.INFLUX_HOST,
    port: settings.INFLUX_PORT,
    ca: readFileSync(settings.INFLUX_CA_FILE, "utf8"),
  });
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const deadlineMs = settings.CONNECT_DEADLINE_MS;
  const now = () => performance.now();
  await untilAnswered(ask, { deadlineMs, now, pause: (ms) => pause(ms), say });
  const password = (user: string) =>
    readFileSync(join(settings.SECRETS_FOLDER, user), "utf8").trim();
  await applyWanted(ask, wanted, { password, say });
  say("all is as declared");
}

// As the first process of its container it would not be ended by this otherwise.
process.once("SIGTERM", () => process.exit(143));
main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
