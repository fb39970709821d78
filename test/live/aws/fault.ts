import { operationsOf } from "./commands.ts";
import { ofCli2, type Promises, refused } from "./promises.ts";
import type { Typed } from "./shell.ts";

/** What the CLI prints of a query that finds nothing. */
const nothing = /^\s*(null|None|\[\s*\]|\{\s*\}|""|)\s*$/;

/** Whether a command is one that the CLI 1 has not got. */
export function isOfCli2(command: string): boolean {
  return operationsOf(command).some((one) => ofCli2.includes(one));
}

/**
 * What is wrong with what came of a command: another end than the page says, another text, or a
 * query that found nothing. Undefined where nothing is.
 */
export function faultOf(command: string, typed: Typed, promises: Promises): string | undefined {
  const { code, stdout, stderr } = typed;
  const told = `${command}: exit code ${code}, printed ${stdout}${stderr.slice(-500)}`;
  // Should the CLI 1 learn it, it is to be typed as any other.
  if (isOfCli2(command)) return /Invalid choice/.test(stderr) ? undefined : told;
  const refusal = refused.find(([piece]) => command.includes(piece));
  if (refusal) return code !== 0 && refusal[1].test(stderr) ? undefined : told;
  // The exit code of a loop is that of its last command.
  if (code !== 0 || stderr !== "") return told;
  const prints = promises.find(([piece]) => command.includes(piece))?.[1];
  if (prints) return prints.test(stdout) ? undefined : `${told}, not ${prints}`;
  const defines = /^\w+\(\)/.test(command);
  return command.includes("--query") && !defines && nothing.test(stdout) ? told : undefined;
}
