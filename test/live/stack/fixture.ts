import { execFile, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse, stringify } from "yaml";
import { openSession, root, type Session } from "../../../sandbox/make/session.ts";
import { installShim } from "../../../sandbox/make/shim.ts";
import { until } from "../../until.ts";
import type { WayIn } from "./client.ts";

/** How a program ended and what it said. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Where the pods of each app are. */
export const apps = {
  consul: { namespace: "consul", selector: "app.kubernetes.io/component=server" },
  zookeeper: { namespace: "zookeeper", selector: "app.kubernetes.io/component=server" },
  kafka: { namespace: "kafka", selector: "app.kubernetes.io/component=broker" },
  api: { namespace: "greetings", selector: "app.kubernetes.io/component=api" },
  worker: { namespace: "greetings", selector: "app.kubernetes.io/component=worker" },
  edge: { namespace: "edge", selector: "app.kubernetes.io/component=proxy" },
} as const;

/** One of the apps. */
export type AppName = keyof typeof apps;

/** The dev stack as the tests work on it: through the commands and the environment of `make`. */
export class Stack {
  readonly session: Session;

  constructor() {
    this.session = openSession("dev");
  }

  /** Runs a program in make's environment; never throws for an exit code. */
  run(
    command: string,
    args: readonly string[],
    cwd = root,
    env = this.session.environment,
  ): Promise<Ended> {
    return new Promise((resolve) => {
      const options = { cwd, env, maxBuffer: 1 << 28 };
      execFile(command, args, options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, text: `${stdout}${stderr}` });
      });
    });
  }

  /** Standard output of a program that must succeed. */
  async ask(command: string, ...args: string[]): Promise<string> {
    const { code, text } = await this.run(command, args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${text}`);
    return text;
  }

  /** `kubectl` on the sandbox; standard output. */
  kubectl(...args: string[]): Promise<string> {
    return this.ask("kubectl", "--context", "sandbox", ...args);
  }

  /** `kubectl get ... -o json`, as far as the caller looks into it. */
  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl("get", ...args, "-o", "json")) as T;
  }

  /** The pods of an app that are not done, sorted by name. */
  async pods(app: AppName): Promise<Pod[]> {
    const { namespace, selector } = apps[app];
    const { items } = await this.get<{ items: Pod[] }>("pods", "-n", namespace, "-l", selector);
    const lasting = items.filter(({ status }) => status.phase !== "Succeeded");
    return lasting.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Where people come in, by the stack's outputs. */
  async wayIn(): Promise<WayIn> {
    const outputs = await this.ask("pulumi", "stack", "output", "--stack", "dev", "--json");
    const { urls, ca } = JSON.parse(outputs);
    return { base: urls.web, authority: ca };
  }

  /** `pulumi <operation>` on the stack, with some settings changed for this run alone. */
  pulumi(operation: string, settings: Record<string, unknown> = {}, cwd = root): Promise<Ended> {
    const args = [operation, "--stack", "dev", "--config-file", this.settings(settings)];
    const yes = operation === "preview" ? ["--diff"] : ["--yes", "--skip-preview"];
    return this.run("pulumi", [...args, ...yes, "--non-interactive", "--color", "never"], cwd);
  }

  /** What `pulumi up` printed, with some settings changed; throws when it did not succeed. */
  async up(settings: Record<string, unknown> = {}): Promise<string> {
    const { code, text } = await this.pulumi("up", settings);
    if (code !== 0) throw new Error(`pulumi up: exit code ${code}\n${text}`);
    return text;
  }

  /** What `make up` does once its cluster is there, with some settings changed for this run. */
  makeUp(settings: Record<string, unknown>): Promise<Ended> {
    const { environment, ...session } = this.session;
    const shims = join(this.#folder(), "shims");
    // Before make's own `pulumi`, one that hands it our file: make writes its own anew each time.
    const folder = join(this.#folder(), "changed");
    installShim(folder, join(shims, "pulumi"), folder);
    copyFileSync(this.settings(settings), join(folder, "dev.yaml"));
    const program = `require("./sandbox/make/commands.ts")
      .up({ ...${JSON.stringify(session)}, environment: process.env })
      .then((code) => { process.exitCode = code; });`;
    const env = { ...environment, PATH: `${folder}${delimiter}${environment.PATH}` };
    return this.run(process.execPath, ["--require", "tsx/cjs", "--eval", program], root, env);
  }

  /**
   * `pulumi up` that gets a signal as soon as what it has printed matches `when`; what it printed
   * until its end. Throws when it never matched, or ended well.
   */
  async cutOff(
    signal: "SIGINT" | "SIGKILL",
    when: RegExp,
    settings: Record<string, unknown> = {},
  ): Promise<string> {
    const args = ["up", "--stack", "dev", "--config-file", this.settings(settings), "--yes"];
    const plain = ["--skip-preview", "--non-interactive", "--color", "never"];
    const child = spawn("pulumi", [...args, ...plain], {
      cwd: root,
      env: this.session.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    let sent = false;
    let family: readonly number[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (sent || !when.test(text)) return;
        sent = true;
        if (signal === "SIGKILL") family = descendantsOf(child.pid ?? 0);
        child.kill(signal);
      });
    }
    const code = await new Promise((resolve) => child.on("close", resolve));
    await until(
      "nothing of it goes on",
      30,
      () => !family.some((pid) => existsSync(`/proc/${pid}`)),
    );
    if (!sent || code === 0) throw new Error(`not cut off at ${when}:\n${text}`);
    return text;
  }

  /** A copy of the stack's file with some settings changed; the settings of make are kept. */
  settings(changed: Record<string, unknown>): string {
    const folder = join(this.#folder(), "stacks");
    const file = join(folder, "dev.yaml");
    const copy = join(folder, "dev-changed.yaml");
    if (!existsSync(copy)) copyFileSync(file, copy);
    const { encryptionsalt } = parse(readFileSync(copy, "utf8"));
    const { config, ...rest } = parse(readFileSync(file, "utf8"));
    for (const [key, value] of Object.entries(changed)) config[`web-greetings:${key}`] = value;
    const salt = rest.encryptionsalt ?? encryptionsalt;
    writeFileSync(copy, stringify({ ...rest, config, ...(salt ? { encryptionsalt: salt } : {}) }));
    return copy;
  }

  #folder(): string {
    const backend = this.session.environment.PULUMI_BACKEND_URL ?? "";
    return join(backend.replace(/^file:\/\//, ""), "..");
  }
}

/**
 * Processes that a process has started, and those that these have, but for Pulumi's language host:
 * it looks for its engine every five minutes.
 */
function descendantsOf(pid: number): readonly number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" }).trim();
  const all = rows.split("\n").map((row) => row.trim().split(/\s+/));
  const childrenOf = (of: string): string[] =>
    all.flatMap(([one = "", parent]) => (parent === of ? [one, ...childrenOf(one)] : []));
  const hosts = all.filter(([, , name]) => name === "pulumi-language").map(([one]) => one);
  return childrenOf(`${pid}`)
    .filter((one) => !hosts.includes(one))
    .map(Number);
}

/** What the tests look at of a pod. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** True: the pod takes part in its services. */
export function isReady(pod: Pod): boolean {
  const ready = pod.status.conditions?.some((c) => c.type === "Ready" && c.status === "True");
  return ready === true && pod.metadata.deletionTimestamp === undefined;
}
