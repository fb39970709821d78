import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { findProgram } from "../../../sandbox/environment.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import { installPlugins } from "../../../sandbox/plugins/build.ts";

/** Settings by their keys, without the project's prefix. */
export type Changed = Readonly<Record<string, unknown>>;

/** What the engine would do. */
export interface Plan {
  /** `<operation> <type> <name>` of whatever would be touched, sorted; a replacement is one. */
  readonly operations: readonly string[];
  /** Resources of the stack, by operation, as `{ same: 290, update: 1 }`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const ROOT = resolve(__dirname, "../../..");
const PRETEND = join(__dirname, "pretend");
const TIMEOUT_MS = 600_000;
const QUIET = ["--non-interactive", "--color", "never"];

/** PATH with Pulumi on it, the machine's own or the sandbox's; undefined where there is none. */
export function pulumiPath(): string | undefined {
  const mine = (process.env.PATH ?? "").split(delimiter);
  const folders = [join(ROOT, "node_modules", ".bin"), ...mine, sandboxPaths().bin];
  const path = folders.join(delimiter);
  const found = ["pulumi", "pulumi-language-nodejs"].every((one) => findProgram(one, path));
  return found ? path : undefined;
}

/** Nothing by which a program would find an account of AWS, or its way there. */
function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(([name]) => !name.startsWith("AWS_"));
  return { ...Object.fromEntries(others), AWS_EC2_METADATA_DISABLED: "true" };
}

/**
 * The prod stack in a state in which all of it stands, though nothing does: the plugins of aws,
 * kubernetes and docker pretend. Changed settings are planned on top of that.
 */
export class StandingProd {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#environment = {
      ...withoutAws(process.env),
      PATH: path,
      PULUMI_HOME: join(folder, "home"),
      // A real plugin on PATH would act.
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "pretended",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The state is written once, at the end, and not after each of 300 steps.
      PULUMI_EXPERIMENTAL: "true",
      PULUMI_SKIP_CHECKPOINTS: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_ERROR_OUTPUT_STRING: "true",
    };
  }

  /** Brings prod up, as far as Pulumi knows. Throws with what Pulumi says where that fails. */
  static async create(path: string): Promise<StandingProd> {
    const folder = await mkdtemp(join(tmpdir(), "plans-"));
    const prod = new StandingProd(folder, path);
    const main = (name: string): string => join(PRETEND, `${name}.ts`);
    const mains = { aws: main("aws"), kubernetes: main("kubernetes"), docker: main("docker") };
    await installPlugins(join(folder, "home"), mains);
    await mkdir(join(folder, "state"));
    // Pulumi writes the salt of a new stack beside Pulumi.yaml, hence a copy.
    await writeFile(join(folder, "Pulumi.yaml"), await readFile(join(ROOT, "Pulumi.yaml")));
    await prod.#pulumi(["stack", "init", "prod"], folder);
    await prod.#pulumi(["up", "--yes", "--skip-preview", ...(await prod.#file("up", {}))], ROOT);
    return prod;
  }

  /** Plans prod with some settings changed. Throws with what Pulumi says where there is no plan. */
  async preview(changed: Changed): Promise<Plan> {
    const name = Object.keys(changed).join("-") || "unchanged";
    const begin = performance.now();
    const text = await this.#pulumi(
      ["preview", "--json", ...(await this.#file(name, changed))],
      ROOT,
    );
    const seconds = (performance.now() - begin) / 1000;
    const { steps, changeSummary } = JSON.parse(text) as Digest;
    return { operations: operationsOf(steps), counts: changeSummary, seconds };
  }

  /**
   * The errors that Pulumi ends with when prod cannot be planned with some settings changed.
   *
   * @param environment what the plugins find in theirs, besides
   * @throws Error when there is a plan
   */
  async refusal(changed: Changed, environment: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
    const args = ["preview", "--json", ...(await this.#file("refused", changed))];
    const { stdout } = await this.#run(args, ROOT, environment).then(
      () => {
        throw new Error(`there is a plan of ${JSON.stringify(changed)}`);
      },
      (cause: { stdout: string }) => cause,
    );
    const { diagnostics } = JSON.parse(stdout) as Digest;
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    return errors.map(({ message }) => message.replace(/^error: |\n$/g, ""));
  }

  async dispose(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /** Options for a stack file of prod's settings with some of them changed. */
  async #file(name: string, changed: Changed): Promise<readonly string[]> {
    const { encryptionsalt } = parse(
      await readFile(join(this.#folder, "Pulumi.prod.yaml"), "utf8"),
    );
    const { config } = parse(await readFile(join(ROOT, "Pulumi.prod.yaml"), "utf8"));
    for (const [key, value] of Object.entries(changed)) config[`web-greetings:${key}`] = value;
    const file = join(this.#folder, `${name}.yaml`);
    await writeFile(file, stringify({ encryptionsalt, config }));
    return ["--stack", "prod", "--config-file", file];
  }

  async #pulumi(args: readonly string[], cwd: string): Promise<string> {
    const run = this.#run(args, cwd, {});
    const { stdout } = await run.catch((cause: { stdout?: string; stderr?: string }) => {
      throw new Error(`pulumi ${args[0]} failed: ${cause.stderr}\n${complaints(cause.stdout)}`);
    });
    return stdout;
  }

  #run(args: readonly string[], cwd: string, more: NodeJS.ProcessEnv) {
    const env = { ...this.#environment, ...more };
    const options = { cwd, env, timeout: TIMEOUT_MS, maxBuffer: 1 << 28 };
    return promisify(execFile)("pulumi", [...args, ...QUIET], options);
  }
}

interface Step {
  readonly op: string;
  readonly urn: string;
}

interface Digest {
  readonly steps: readonly Step[];
  readonly changeSummary: Readonly<Record<string, number>>;
  readonly diagnostics: readonly { readonly severity: string; readonly message: string }[];
}

/** A replacement is told three times: as what it is, and as its two halves. */
const TOUCHING = ["create", "update", "replace", "delete"];

function operationsOf(steps: readonly Step[]): readonly string[] {
  return steps
    .filter(({ op }) => TOUCHING.includes(op))
    .map(({ op, urn }) => {
      const [, , types = "", name] = urn.split("::");
      return `${op} ${types.slice(types.lastIndexOf("$") + 1)} ${name}`;
    })
    .sort();
}

/** What Pulumi complains of, out of the whole plan as JSON. */
function complaints(stdout = ""): string {
  try {
    const { diagnostics = [] } = JSON.parse(stdout) as { diagnostics?: { message: string }[] };
    return diagnostics.map(({ message }) => message).join("\n");
  } catch {
    return stdout;
  }
}
