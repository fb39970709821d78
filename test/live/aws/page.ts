import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { commandsOf, placeholder } from "../../markdown.ts";
import { Batch } from "./batch.ts";
import { callsAws, isName } from "./commands.ts";
import { type Account, startAccount } from "./moto.ts";
import { fillAccount } from "./prod.ts";
import { Shell, type Typed } from "./shell.ts";

const ROOT = resolve(__dirname, "../../..");

/** A command of a page and what came of it. */
export interface Outcome extends Typed {
  readonly command: string;
  /** Who answered its requests. */
  readonly asked: Account["answered"];
}

/** A page after its commands were typed. */
export interface Report {
  /** Those that call AWS. */
  readonly outcomes: readonly Outcome[];
  /** How many were left out, by their program. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** What a page leaves to who types it, and how it stands before. */
export interface Reading {
  /** Path below the project's root. */
  readonly file: string;
  /** What is put in for `<address>` and the like. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether prod stands already, or comes with the page's `make up`. */
  readonly stands: boolean;
}

/** Programs whose commands are not for AWS. */
const OTHERS = ["make", "pulumi", "kubectl", "curl", "dig", "node", "export"];

/** Two programs that the pages need beside the CLI: each tells or does one thing. */
const STAND_INS = {
  // Where a machine is, as Kubernetes knows it; nothing else may be asked.
  kubectl: 'case "$*" in *spec.providerID*) cat "$HOME/node" ;; *) exit 1 ;; esac',
  // It would hold a shell on a node.
  "session-manager-plugin": 'echo "session with $5"',
};

/** Has Python refuse the beginnings of options: a page is to have the whole. */
const WHOLE_OPTIONS = `
import argparse
argparse.ArgumentParser._get_option_tuples = lambda self, option: []
`;

/** What the CLI 1 (1.46.3) fails at when it is to warn of what 2 does otherwise. */
const UNWARNED = /cloudfront create-invalidation|--generate-cli-skeleton/;

/** The CLI 1 as near to 2 as it comes; where 2 would do something else, it warns. */
const LIKE_CLI_2 = {
  AWS_CLI_UPGRADE_DEBUG_MODE: "true",
  AWS_PAGER: "",
  // 2 has another checksum by default, which is nobody's concern here.
  AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
};

/** A folder to type in, all that the commands see, and the account that they speak to. */
class Desk {
  readonly folder: string;
  readonly account: Account;
  readonly shell: Shell;
  readonly #batch: Batch;

  private constructor(folder: string, environment: NodeJS.ProcessEnv, account: Account) {
    this.folder = folder;
    this.account = account;
    const whole = { ...environment, AWS_ENDPOINT_URL: account.url };
    this.shell = new Shell(folder, whole);
    this.#batch = new Batch(whole);
  }

  static async open(tools: string): Promise<Desk> {
    const folder = mkdtempSync(join(tmpdir(), "aws-pages-"));
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const [name, body] of Object.entries(STAND_INS)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
    writeFileSync(join(bin, "sitecustomize.py"), WHOLE_OPTIONS);
    mkdirSync(join(folder, ".aws"));
    writeFileSync(join(folder, ".aws", "config"), "[default]\ncli_timestamp_format = iso8601\n");
    mkdirSync(join(folder, "pages"));
    writeFileSync(join(folder, "pages", "index.html"), "<p>Hello</p>\n");
    const environment = {
      PATH: [bin, join(tools, "bin"), process.env.PATH].join(":"),
      PYTHONPATH: [bin, tools].join(":"),
      HOME: folder,
      // Not a key of anything.
      AWS_ACCESS_KEY_ID: "testing",
      AWS_SECRET_ACCESS_KEY: "testing",
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_EC2_METADATA_DISABLED: "true",
      // What would go to AWS itself goes nowhere.
      HTTPS_PROXY: "http://127.0.0.1:9",
      AWS_MAX_ATTEMPTS: "1",
      ...LIKE_CLI_2,
    };
    return new Desk(folder, environment, await startAccount(environment));
  }

  async fill(): Promise<void> {
    writeFileSync(join(this.folder, "node"), await fillAccount((line) => this.#batch.aws(line)));
  }

  async close(): Promise<void> {
    this.shell.close();
    this.#batch.close();
    await this.account.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/**
 * As it is typed: with the values of the page put in for what stands in angle brackets. Of an
 * operation that is only named, its form is asked for.
 */
function fillIn(text: string, values: Reading["values"]): string {
  if (isName(text)) return `${text} --generate-cli-skeleton`;
  return text.replaceAll(placeholder, (all, what: string) => {
    const value = values[what];
    if (value === undefined) throw new Error(`${text}: nothing is known to put in for ${all}`);
    return value;
  });
}

/** Types a command; of one that sets a variable, what is looked at is that. */
async function type({ shell, account }: Desk, command: string): Promise<Outcome> {
  const before = { ...account.answered };
  const unwarned = UNWARNED.test(command) ? "AWS_CLI_UPGRADE_DEBUG_MODE= " : "";
  const typed = await shell.type(`${unwarned}${command}`);
  const variable = /^(\w+)=\$\(/.exec(command)?.[1];
  const stdout = variable ? (await shell.type(`echo "$${variable}"`)).stdout : typed.stdout;
  const { moto, us } = account.answered;
  return { ...typed, stdout, command, asked: { moto: moto - before.moto, us: us - before.us } };
}

/**
 * Types all commands of a page that call AWS, in their order, and what sets variables for them.
 *
 * @param tools folder of the CLI and moto
 * @throws Error about a command of a program that is not known
 */
export async function typePage(tools: string, reading: Reading): Promise<Report> {
  const begin = performance.now();
  const desk = await Desk.open(tools);
  const outcomes: Outcome[] = [];
  const leftOut: Record<string, number> = {};
  try {
    if (reading.stands) await desk.fill();
    const page = readFileSync(join(ROOT, reading.file), "utf8");
    for (const command of commandsOf(page, callsAws)) {
      const program = /^[a-z]+(?=[ ])/.exec(command)?.[0] ?? "";
      if (callsAws(command)) outcomes.push(await type(desk, fillIn(command, reading.values)));
      else if (/^\w+=/.test(command)) await desk.shell.type(command);
      else if (OTHERS.includes(program)) {
        leftOut[program] = (leftOut[program] ?? 0) + 1;
        if (command === "make up stack=prod") await desk.fill();
      } else throw new Error(`${command}: neither of AWS nor of ${OTHERS.join(", ")}`);
    }
  } finally {
    await desk.close();
  }
  return { outcomes, leftOut, seconds: (performance.now() - begin) / 1000 };
}
