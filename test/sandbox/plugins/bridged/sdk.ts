import { readFileSync } from "node:fs";
import { join } from "node:path";

const MODULES = join(__dirname, "../../../../node_modules/@pulumi");

/** What a Pulumi SDK says of one kind of resource. */
export interface SdkResource {
  /** Names of the inputs that the constructor takes. */
  readonly inputs: readonly string[];
  /** Names of the outputs that the class declares. */
  readonly outputs: readonly string[];
  /** Names of the inputs and outputs that the class marks as secret. */
  readonly secrets: readonly string[];
}

/** Reads the typings and the code of the class behind `token`, as `random:index/x:RandomX`. */
export function readSdk(token: string): SdkResource {
  const [plugin = "", path = ""] = token.split(":");
  const file = join(MODULES, plugin, path.replace("index/", ""));
  const typings = readFileSync(`${file}.d.ts`, "utf8");
  const code = readFileSync(`${file}.js`, "utf8");
  const args = /export interface \w+Args \{([\s\S]*?)\n\}/.exec(typings)?.[1] ?? "";
  const secrets = /additionalSecretOutputs: \[([^\]]*)\]/.exec(code)?.[1] ?? "";
  return {
    inputs: names(args, /^ {4}(\w+)\??: /gm),
    outputs: names(typings, /^ {4}readonly (\w+): pulumi\.Output</gm),
    secrets: names(secrets, /"(\w+)"/g),
  };
}

function names(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "").sort();
}
