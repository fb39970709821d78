import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** All commands in one process of the CLI: its start takes ten times as long as one of them. */
const PROGRAM = `
import contextlib, io, json, os, shlex, sys
from awscli.clidriver import create_clidriver
driver = create_clidriver()
# An option holds for all commands that come after it, too: the region must be said each time.
every = ["--output", "text", "--region", os.environ["AWS_DEFAULT_REGION"]]
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = driver.main(every + shlex.split(json.loads(line)))
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
`;

/** The AWS CLI as a function, for what stands before a page's commands are typed. */
export class Batch {
  readonly #python: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  /** @param environment all that it sees */
  constructor(environment: NodeJS.ProcessEnv) {
    this.#python = spawn("python3", ["-c", PROGRAM], { env: environment });
    this.#lines = createInterface(this.#python.stdout)[Symbol.asyncIterator]();
  }

  /**
   * Runs a command, without `aws` in front of it, and hands out what it prints as text.
   *
   * @throws Error with what it has to say, when it fails
   */
  async aws(command: string): Promise<string> {
    this.#python.stdin.write(`${JSON.stringify(command)}\n`);
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error(`aws ${command}: the CLI has ended`);
    const [code, stdout, stderr] = JSON.parse(value) as [number, string, string];
    if (code !== 0) throw new Error(`aws ${command}: exit code ${code}: ${stderr}`);
    return stdout.trim();
  }

  close(): void {
    this.#python.kill("SIGKILL");
  }
}
