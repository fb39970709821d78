import { messageOf } from "../wait.ts";
import type { Answer, Request } from "./ask.ts";

/** What the plugin is called with. */
export interface PluginCall {
  /** CNI_COMMAND and the other variables of the specification. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The network's configuration, out of standard input. */
  readonly input: string;
}

/** What the plugin leaves behind. */
export interface PluginResult {
  readonly output: string;
  readonly code: number;
}

/** What the plugin needs from outside. */
export interface PluginTools {
  /** Asks once; rejects where nobody answers. */
  readonly ask: (socket: string, request: Request) => Promise<Answer>;
  /** Tries again while nobody listens. */
  readonly askPatiently: (socket: string, request: Request) => Promise<Answer>;
}

interface Configuration {
  readonly cniVersion: string;
  /** Where the process that keeps the rules answers. */
  readonly socket: string;
  readonly prevResult?: { readonly ips?: readonly { readonly address: string }[] };
}

/** Error codes of https://www.cni.dev/docs/spec/#error; those from 100 are the plugin's own. */
const codes = { invalidEnvironment: 4, invalidConfiguration: 7, noRules: 100 } as const;

class PluginError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const versions = ["0.3.0", "0.3.1", "0.4.0", "1.0.0"];

function variable({ environment }: PluginCall, name: string): string {
  const value = environment[name];
  if (value) return value;
  throw new PluginError(codes.invalidEnvironment, `${name} is not set`);
}

/** A value of CNI_ARGS, `<key>=<value>;...`. */
function argument(call: PluginCall, key: string): string {
  const pairs = variable(call, "CNI_ARGS")
    .split(";")
    .map((pair) => pair.split("="));
  const value = pairs.find(([name]) => name === key)?.[1];
  if (value) return value;
  throw new PluginError(codes.invalidEnvironment, `CNI_ARGS has no ${key}`);
}

/** The IPv4 address that the plugins before this one gave to the pod. */
function addressIn({ prevResult }: Configuration): string {
  const found = (prevResult?.ips ?? [])
    .map(({ address }) => address.split("/")[0] ?? "")
    .find((address) => /^[\d.]+$/.test(address));
  if (found !== undefined) return found;
  throw new PluginError(
    codes.invalidConfiguration,
    "no IPv4 address in prevResult: this plugin comes after the one that gives addresses",
  );
}

async function asked(answer: Promise<Answer>): Promise<void> {
  const { error } = await answer.catch(
    (reason: unknown): Answer => ({
      error: `network policies are not kept, run \`make sandbox-up\`: ${messageOf(reason)}`,
    }),
  );
  if (error !== undefined) throw new PluginError(codes.noRules, error);
}

async function perform(call: PluginCall, tools: PluginTools): Promise<string> {
  const command = variable(call, "CNI_COMMAND");
  if (command === "VERSION") {
    return JSON.stringify({ cniVersion: "1.0.0", supportedVersions: versions });
  }
  const container = variable(call, "CNI_CONTAINERID");
  const configuration = JSON.parse(call.input) as Configuration;
  const { cniVersion, prevResult, socket } = configuration;
  switch (command) {
    case "ADD": {
      const binding = {
        container,
        address: addressIn(configuration),
        namespace: argument(call, "K8S_POD_NAMESPACE"),
        name: argument(call, "K8S_POD_NAME"),
        uid: argument(call, "K8S_POD_UID"),
      };
      await asked(tools.askPatiently(socket, { command: "add", binding }));
      return JSON.stringify({ ...prevResult, cniVersion });
    }
    case "CHECK": {
      const address = addressIn(configuration);
      await asked(tools.ask(socket, { command: "check", container, address }));
      return "";
    }
    case "DEL":
      // A process that is not there now forgets what has gone when it starts.
      await tools.ask(socket, { command: "delete", container }).catch(() => undefined);
      return "";
    default:
      throw new PluginError(codes.invalidEnvironment, `CNI_COMMAND ${command} is unknown`);
  }
}

function versionIn(input: string): string {
  try {
    return (JSON.parse(input) as Configuration).cniVersion;
  } catch {
    return "1.0.0";
  }
}

/**
 * Does what CNI asks of a plugin that comes after others, see
 * https://www.cni.dev/docs/spec/#section-2-execution-protocol. ADD ends when the pod's rules stand.
 */
export async function runPlugin(call: PluginCall, tools: PluginTools): Promise<PluginResult> {
  try {
    return { output: await perform(call, tools), code: 0 };
  } catch (error) {
    const code = error instanceof PluginError ? error.code : codes.invalidConfiguration;
    const cniVersion = versionIn(call.input);
    return { output: JSON.stringify({ cniVersion, code, msg: messageOf(error) }), code: 1 };
  }
}
