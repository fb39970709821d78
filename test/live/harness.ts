import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { sandboxPaths } from "../../sandbox/paths.ts";
import { installPlugins } from "../../sandbox/plugins/build.ts";

/** Programs and a cluster to test against. */
export interface Live {
  /** PATH with the engine, its language host, kubectl and Node 24. */
  readonly path: string;
  /** Kubeconfig of the sandbox; its context is `sandbox`. */
  readonly kubeconfig: string;
}

/** One event of the engine that is not there for debugging, as `{ resourcePreEvent: { metadata: { op, urn } } }`. */
export type EngineEvent = Readonly<Record<string, unknown>>;

/** What a finished command left behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a finished command of the engine left behind. */
export interface EngineRun extends Run {
  readonly events: readonly EngineEvent[];
  /** `<operation> <type>::<name>` of each step on a resource, in the order of their beginning. */
  readonly steps: readonly string[];
  /** Resources by operation, as `{ same: 3, update: 1 }`. */
  readonly changes: Readonly<Record<string, number>>;
}

const ROOT = resolve(__dirname, "../..");
const COMMAND_TIMEOUT_MS = 300_000;

/** What live tests need, or one line that says what is missing. */
function findLive(): Live | string {
  const paths = sandboxPaths();
  const own = join(ROOT, "node_modules", ".bin");
  const mine = (process.env.PATH ?? "").split(delimiter);
  const folders = [own, ...mine, paths.bin, paths.components];
  for (const program of ["pulumi", "pulumi-language-nodejs", "kubectl"]) {
    if (!folders.some((folder) => existsSync(join(folder, program)))) {
      return `${program} is neither on PATH nor among the sandbox's builds; run make sandbox-up`;
    }
  }
  if (!existsSync(paths.kubeconfig)) return "the sandbox is not running; run make sandbox-up";
  return { path: folders.join(delimiter), kubeconfig: paths.kubeconfig };
}

/** Finds what a live suite needs; skips the suite, saying why, where something is missing. */
export function requireLive(suite: Mocha.Context): Live {
  const found = findLive();
  if (typeof found !== "string") return found;
  console.warn(`      skipped: ${found}`);
  return suite.skip();
}

/** Runs kubectl against the sandbox and returns its output; throws where it fails. */
export async function kubectl(live: Live, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    "kubectl",
    ["--kubeconfig", live.kubeconfig, "--context", "sandbox", ...args],
    { env: { ...process.env, PATH: live.path }, timeout: COMMAND_TIMEOUT_MS },
  );
  return stdout.trim();
}

/** End of a program that writes down its own outputs: nothing else shows those that are secret. */
export const tell = `
require("@pulumi/pulumi").output(exports).apply((all) =>
  require("node:fs").writeFileSync("told.json", JSON.stringify(all)));`;

/** A command of the engine that is still running. */
export interface Running {
  /** Presses ctrl-C, once. */
  interrupt(): void;
  readonly done: Promise<EngineRun>;
}

/** A Pulumi project with one stack in a folder of its own, with its own PULUMI_HOME and backend. */
export class Scratch {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, live: Live) {
    this.folder = folder;
    this.#environment = {
      ...process.env,
      PATH: live.path,
      KUBECONFIG: live.kubeconfig,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_ERROR_OUTPUT_STRING: "true",
      // Without it the engine hides the option --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
    };
  }

  /** Makes the project `name` with the stack `test`, and installs the stand-ins for it. */
  static async create(name: string, live: Live): Promise<Scratch> {
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    const scratch = new Scratch(folder, live);
    const project = join(folder, "project");
    await mkdir(project);
    await mkdir(join(folder, "state"));
    await symlink(join(ROOT, "node_modules"), join(project, "node_modules"));
    await writeFile(join(project, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
    await writeFile(join(project, "package.json"), '{ "main": "index.js" }\n');
    await installPlugins(join(folder, "home"));
    const { code, stderr } = await scratch.#run(["stack", "init", "test"]).done;
    if (code !== 0) throw new Error(`pulumi stack init failed: ${stderr}`);
    return scratch;
  }

  /** Replaces the program, a CommonJS module. */
  async write(program: string): Promise<void> {
    await writeFile(join(this.folder, "project", "index.js"), program);
  }

  /** Replaces the program and updates the stack; throws where that fails. */
  async apply(program: string): Promise<EngineRun> {
    await this.write(program);
    const run = await this.up();
    if (run.code !== 0) throw new Error(`pulumi up failed: ${run.stdout}${run.stderr}`);
    return run;
  }

  /** The outputs that a program with \`tell\` at its end has written down. */
  told(): Readonly<Record<string, unknown>> {
    return JSON.parse(readFileSync(join(this.folder, "project", "told.json"), "utf8"));
  }

  /** Updates the stack without a preview. */
  async up(...args: readonly string[]): Promise<EngineRun> {
    return this.start("up", "--yes", "--skip-preview", ...args).done;
  }

  /** Plans an update. */
  async preview(...args: readonly string[]): Promise<EngineRun> {
    return this.start("preview", ...args).done;
  }

  /** Reads the live state of everything into the stack's. */
  async refresh(...args: readonly string[]): Promise<EngineRun> {
    return this.start("refresh", "--yes", "--skip-preview", ...args).done;
  }

  /** Deletes everything. */
  async destroy(...args: readonly string[]): Promise<EngineRun> {
    return this.start("destroy", "--yes", "--skip-preview", ...args).done;
  }

  /** The text of the stack's state, as it would be exported for others. */
  async export(): Promise<string> {
    return (await this.#run(["stack", "export"]).done).stdout;
  }

  /** Starts a command of the engine that works on resources. */
  start(...args: readonly string[]): Running {
    const log = join(this.folder, `events-${randomBytes(4).toString("hex")}.json`);
    const { child, done } = this.#run([...args, "--event-log", log]);
    return {
      interrupt: () => {
        child.kill("SIGINT");
      },
      done: done.then(async (run) => ({ ...run, ...(await readEvents(log)) })),
    };
  }

  /** Destroys what is left of the stack and removes the folder. */
  async dispose(): Promise<void> {
    const { code, stdout, stderr } = await this.destroy();
    if (code !== 0) throw new Error(`pulumi destroy failed: ${stdout}${stderr}`);
    await rm(this.folder, { recursive: true });
  }

  #run(args: readonly string[]) {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: join(this.folder, "project"),
      env: this.#environment,
      timeout: COMMAND_TIMEOUT_MS,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      output.stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output.stderr += chunk;
    });
    const done = new Promise<Run>((finish, fail) => {
      child.on("error", fail);
      child.on("close", (code) => finish({ code: code ?? -1, ...output }));
    });
    return { child, done };
  }
}

interface Step {
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
  readonly diagnosticEvent?: { readonly severity: string };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

async function readEvents(log: string): Promise<Omit<EngineRun, keyof Run>> {
  const written = await access(log).then(
    () => true,
    () => false,
  );
  const lines = written ? (await readFile(log, "utf8")).split("\n") : [];
  const events = lines
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EngineEvent & Step)
    .filter((event) => event.diagnosticEvent?.severity !== "debug");
  const steps = events.flatMap(({ resourcePreEvent: step }) => {
    if (step === undefined) return [];
    const [, , types = "", name] = step.metadata.urn.split("::");
    return [`${step.metadata.op} ${types.slice(types.lastIndexOf("$") + 1)}::${name}`];
  });
  const changes = events.findLast((event) => event.summaryEvent)?.summaryEvent?.resourceChanges;
  return { events, steps, changes: changes ?? {} };
}
