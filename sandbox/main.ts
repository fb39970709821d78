import { explainFailure, formatFinding } from "./doctor.ts";
import { sandboxDown } from "./down.ts";
import { examineMachine } from "./machine.ts";
import { sandboxPaths } from "./paths.ts";
import { createRun } from "./run.ts";
import { formatStatus, isHealthy, readStatus } from "./status.ts";
import { sandboxUp } from "./up.ts";
import { messageOf } from "./wait.ts";

async function status(): Promise<number> {
  const found = await readStatus(sandboxPaths());
  console.log(formatStatus(found));
  return isHealthy(found) ? 0 : 1;
}

async function doctor(): Promise<number> {
  const findings = await examineMachine(sandboxPaths(), createRun());
  for (const finding of findings) console.log(formatFinding(finding));
  if (findings.length === 0) console.log("nothing is missing: `make sandbox-up` can do its work");
  return findings.some(({ level }) => level === "error") ? 1 : 0;
}

/** The commands, each of which resolves with its exit code. */
const commands: Readonly<Record<string, () => Promise<number>>> = {
  up: () => sandboxUp().then(() => 0),
  down: () => sandboxDown().then(() => 0),
  status,
  doctor,
};

async function main([name = "", ...rest]: readonly string[]): Promise<number> {
  const command = rest.length === 0 ? commands[name] : undefined;
  if (command) return command();
  const got = [name, ...rest].join(" ");
  throw new Error(`got "${got}": use one of ${Object.keys(commands).join(", ")}`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`sandbox: ${explainFailure(messageOf(error), sandboxPaths().cache)}`);
    process.exitCode = 1;
  },
);
