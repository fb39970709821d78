import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { settingsOrExit } from "../../shared/settings.ts";
import { readPorts } from "./settings.ts";
import { answers, dismiss, serve } from "./talk.ts";
import { tryPolicies } from "./trial.ts";

/** Where Kubernetes reads a container's last words. */
const LAST_WORDS = "/dev/termination-log";
/** A server that no client comes to ends by itself. */
const LIFE_MS = 600_000;

/** Serves until a client says goodbye, ten minutes have passed or it is told to stop. */
async function runServer(): Promise<void> {
  const leave = (why: string) => {
    process.stdout.write(`${why}\n`);
    process.exit(0);
  };
  process.once("SIGTERM", () => leave("stopped"));
  const ports = settingsOrExit(readPorts);
  await serve(ports, () => leave("dismissed"));
  process.stdout.write(`serving ${[ports.open, ...ports.closed].join(", ")}\n`);
  await pause(LIFE_MS);
  leave("nobody came");
}

/** Tries the server at a host; the result is the pod's last word, and never a failure. */
async function runTrial(host: string): Promise<void> {
  process.once("SIGTERM", () => process.exit(0));
  const ports = settingsOrExit(readPorts);
  const result = await tryPolicies(ports, {
    answers: (port) => answers(host, port),
    dismiss: () => dismiss(host, ports.open),
    now: () => performance.now(),
    pause: (ms) => pause(ms),
  });
  writeFileSync(LAST_WORDS, result);
  process.stdout.write(`${result}\n`);
}

const [command, host] = process.argv.slice(2);
if (command === "serve") {
  void runServer();
} else if (command === "try" && host) {
  void runTrial(host);
} else {
  process.stderr.write(`unknown command "${command ?? ""}", allowed: serve, try <host>\n`);
  process.exitCode = 2;
}
