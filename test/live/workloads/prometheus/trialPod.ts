import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";
import type { TrialTls } from "../../../apps/certificates.ts";

/** A container as it was declared, as far as a process of its own needs it. */
export interface Declared {
  readonly command: readonly string[];
  readonly args: readonly string[];
}

/** User and group of all pods. */
const USER = "1000:1000";

/** Why no container can be run as a process with a root of its own, or undefined. */
export function whyNoPod(): string | undefined {
  return process.getuid?.() === 0 ? undefined : "needs root, to run programs as a pod does";
}

/** Puts files where a pod finds them, for its user alone. */
export function putFiles(root: string, folder: string, files: Readonly<Record<string, string>>) {
  mkdirSync(join(root, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
  execFileSync("chown", ["-R", USER, join(root, folder)]);
}

/** The same with a certificate, under the names that a Secret gives it. */
export function putTls(root: string, folder: string, tls: TrialTls): void {
  putFiles(root, folder, {});
  copyFileSync(tls.caFile, join(root, folder, "ca.crt"));
  copyFileSync(tls.certFile, join(root, folder, "tls.crt"));
  copyFileSync(tls.keyFile, join(root, folder, "tls.key"));
  execFileSync("chown", ["-R", USER, join(root, folder)]);
}

/** A container as a process in a root of its own, as the pod's user. */
export class TrialPod {
  readonly #root: string;
  readonly #change: (text: string) => string;
  readonly #process: ChildProcess;
  #said = "";

  /** @param change of what was declared: addresses and ports, since all pods are on one machine */
  constructor(
    root: string,
    { command, args }: Declared,
    env: Readonly<Record<string, string>>,
    change: (text: string) => string = (text) => text,
  ) {
    this.#root = root;
    this.#change = change;
    const inside = [`--userspec=${USER}`, root, ...command, ...args.map((one) => change(one))];
    this.#process = spawn("chroot", inside, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.#said += chunk;
      });
    }
  }

  /** Everything that it has said so far. */
  get said(): string {
    return this.#said;
  }

  /** Exit code of a probe's command, run beside it. */
  probe(command: readonly string[]): number | null {
    const inside = [`--userspec=${USER}`, this.#root, ...command.map((one) => this.#change(one))];
    return spawnSync("chroot", inside, { stdio: "ignore" }).status;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }
}

/** Asks a server on loopback by a certificate, or by none; rejects where it refuses to talk. */
export function ask(
  url: string,
  { caFile, certFile, keyFile }: TrialTls,
  options: { readonly method?: string; readonly body?: unknown; readonly strange?: true } = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const { method = "GET", body, strange } = options;
  const own = strange ? {} : { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const tls = { ca: readFileSync(caFile), servername: "localhost", ...own };
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false, ...tls }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Folder of a file of a pod, and its name. */
export function placeOf(file: string): readonly [string, string] {
  return [dirname(file), file.slice(file.lastIndexOf("/") + 1)];
}
