import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** What a command left behind. */
export interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MARK = "\u001e";
const DEADLINE_MS = 180_000;

/** A bash that commands are typed into one after the other, so that variables and functions stay. */
export class Shell {
  readonly #bash: ChildProcessWithoutNullStreams;

  /** @param environment all that it sees */
  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    // A group of its own: what it has started ends with it.
    this.#bash = spawn("bash", ["--noprofile", "--norc"], {
      cwd: folder,
      env: environment,
      detached: true,
    });
    this.#bash.stdout.setEncoding("utf8");
    this.#bash.stderr.setEncoding("utf8");
  }

  /**
   * Types a command, and waits for its end.
   *
   * @throws Error after 3 minutes, or when the shell itself ends
   */
  type(command: string): Promise<Typed> {
    const { stdin, stdout, stderr } = this.#bash;
    return new Promise((resolve, reject) => {
      let out = "";
      let err = "";
      const finish = (act: () => void) => {
        clearTimeout(timer);
        stdout.removeAllListeners("data");
        stderr.removeAllListeners("data");
        this.#bash.removeAllListeners("close");
        act();
      };
      const look = () => {
        const end = new RegExp(`${MARK}(\\d+)\n$`).exec(out);
        if (end === null || !err.endsWith(MARK)) return;
        const typed = { stdout: out.slice(0, end.index), stderr: err.slice(0, -1) };
        finish(() => resolve({ code: Number(end[1]), ...typed }));
      };
      const fail = (why: string) => finish(() => reject(new Error(`${command}: ${why}\n${err}`)));
      const timer = setTimeout(() => {
        this.close();
        fail("not ended after 3 minutes");
      }, DEADLINE_MS);
      this.#bash.once("close", () => fail("the shell has ended"));
      stdout.on("data", (chunk: string) => {
        out += chunk;
        look();
      });
      stderr.on("data", (chunk: string) => {
        err += chunk;
        look();
      });
      // Braces, not parentheses: what a command sets is there for the next one.
      stdin.write(`{ ${command}\n} </dev/null; printf '${MARK}%s\\n' $?; printf '${MARK}' >&2\n`);
    });
  }

  /** Ends it and what it has started. */
  close(): void {
    const { pid, exitCode, signalCode } = this.#bash;
    if (pid !== undefined && exitCode === null && signalCode === null)
      process.kill(-pid, "SIGKILL");
  }
}
