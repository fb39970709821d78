import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { App } from "../../apps/build.ts";
import { until } from "../until.ts";
import { freePort } from "./broker.ts";

/** One of our apps as a process of its own. */
export interface AppProcess {
  readonly process: ChildProcess;
  readonly port: number;
  readonly adminPort: number;
  stdout(): string;
  stderr(): string;
  /** Status of a path of the admin port, 0 when nothing answers. */
  admin(path: string): Promise<number>;
  /** Ends it by `signal`; the exit code and the milliseconds that it took. */
  stop(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly ms: number }>;
}

/** What a process has said so far. */
export function outputsOf(child: ChildProcessByStdio<null, Readable, Readable>) {
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    err += chunk;
  });
  return { stdout: () => out, stderr: () => err };
}

/** Starts a bundle of ours, as it runs in its image, and waits until `/livez` answers. */
export async function startApp(
  context: string,
  app: App,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<AppProcess> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [join(context, "main.cjs"), ...args], {
    env: { PORT: `${port}`, ADMIN_PORT: `${adminPort}`, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { stdout, stderr } = outputsOf(child);
  const admin = (path: string): Promise<number> =>
    fetch(`http://127.0.0.1:${adminPort}${path}`).then(
      (response) => response.status,
      () => 0,
    );
  await until(`${app} is alive`, 20, async () => {
    if (child.exitCode !== null) {
      throw new Error(`${app} ended with ${child.exitCode}: ${stderr()}`);
    }
    return (await admin("/livez")) === 200;
  });
  return {
    process: child,
    port,
    adminPort,
    stdout,
    stderr,
    admin,
    stop: async (signal) => {
      const begin = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill(signal);
        await ended;
      }
      return { code: child.exitCode, ms: performance.now() - begin };
    },
  };
}
