import { spawn } from "node:child_process";

/** How to run a command; everything is optional. */
export interface RunOptions {
  /** Working folder. */
  readonly cwd?: string;
  /** Variables that are set on top of the present environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for its standard input; without it the input is empty. */
  readonly input?: string;
  /** Called with each complete line of its standard output and error, as it comes. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end and hands out its standard output.
 * Throws `CommandError` when it cannot be started or does not exit with 0.
 */
export type Run = (
  command: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<string>;

/** A command that failed; its message has the command, how it ended and its last lines. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: string, outcome: string, exitCode: number | undefined, stderr: string) {
    const tail = stderr.trimEnd().split("\n").slice(-8).join("\n");
    super(`${command}: ${outcome}${tail === "" ? "" : `\n${tail}`}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Calls `onLine` for every complete line of what is fed in; a last one without end is kept back. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  };
}

/**
 * Makes a `Run` whose commands all see `environment` on top of this process's own.
 *
 * @param signal ends the commands that run, and refuses further ones, when it is aborted
 */
export function createRun(environment: NodeJS.ProcessEnv = {}, signal?: AbortSignal): Run {
  return (command, args, options = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: options.cwd,
        env: { ...process.env, ...environment, ...options.env },
        stdio: ["pipe", "pipe", "pipe"],
        ...(signal ? { signal } : {}),
      });
      const called = [command, ...args].join(" ").slice(0, 200);
      let stdout = "";
      let stderr = "";
      const onLine = options.onLine;
      const feedStdout = onLine && lineSplitter(onLine);
      const feedStderr = onLine && lineSplitter(onLine);
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        stdout += chunk;
        feedStdout?.(chunk);
      });
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        stderr += chunk;
        feedStderr?.(chunk);
      });
      // A command that does not read its input closes it early; how it ended says what matters.
      child.stdin.on("error", () => undefined);
      child.stdin.end(options.input ?? "");
      child.on("error", (error) =>
        reject(new CommandError(called, `cannot be started (${error.message})`, undefined, "")),
      );
      child.on("close", (code, signal) => {
        if (code === 0) resolve(stdout);
        else {
          const outcome = signal ? `ended by ${signal}` : `exit code ${code}`;
          reject(new CommandError(called, outcome, code ?? undefined, stderr || stdout));
        }
      });
    });
}
