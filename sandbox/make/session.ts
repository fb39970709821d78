import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { loadContexts } from "../../infra/kubeconfig.ts";
import { findProgram, sandboxEnvironment } from "../environment.ts";
import { type SandboxPaths, sandboxPaths } from "../paths.ts";
import { installShim } from "./shim.ts";
import { writeStackFile } from "./stackFile.ts";
import { fileBackend, ownBackend, type Variables } from "./state.ts";

/** Root of the checkout. */
export const root = resolve(__dirname, "../..");

const stackFile = z.object({ config: z.record(z.string(), z.unknown()).nullish() });

/**
 * Where a stack's cluster is: a context that is in the kubeconfig, a cloud that the stack provisions
 * itself, or the sandbox, for a stack whose context this machine does not have.
 */
export type Cluster = "context" | "cloud" | "sandbox";

/** How one stack is worked on from this machine. */
export interface Session {
  readonly stack: string;
  readonly cluster: Cluster;
  /** Whole environment of every command, PATH included. */
  readonly environment: NodeJS.ProcessEnv;
  /** True: the state is in a file backend of ours, and stacks are made there as needed. */
  readonly ownsState: boolean;
}

/**
 * @param text content of the stack's file
 * @param contexts names of the contexts in the kubeconfig
 */
export function locateCluster(text: string, contexts: ReadonlySet<string>): Cluster {
  const config = stackFile.parse(parse(text) ?? {}).config ?? {};
  if ((config["web-greetings:target"] ?? "minikube") !== "minikube") return "cloud";
  const context = config["web-greetings:context"] ?? "minikube";
  return contexts.has(String(context)) ? "context" : "sandbox";
}

/** Which cluster the stack is meant for on this machine. */
export function clusterOf(stack: string): Cluster {
  const file = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    throw new Error(
      `no stack ${JSON.stringify(stack)}: there is no Pulumi.${stack}.yaml; make one`,
    );
  }
  return locateCluster(readFileSync(file, "utf8"), new Set(loadContexts().keys()));
}

/** PATH, and what the programs that are found there need to know. */
function toolsFor(cluster: Cluster, paths: SandboxPaths, path: string): Variables {
  if (cluster === "sandbox") return sandboxEnvironment(paths, path);
  if (findProgram("pulumi", path)) return { PATH: path };
  // The sandbox's Pulumi while it is there, with its plugins: enough to preview a stack elsewhere.
  return { PATH: `${path}${delimiter}${paths.bin}`, PULUMI_HOME: paths.pulumi };
}

/** The environment for a stack; the sandbox, where one is needed, must be up. */
export function openSession(stack: string): Session {
  const cluster = clusterOf(stack);
  const paths = sandboxPaths();
  // State lives and dies with its cluster: the sandbox's is removed with the sandbox.
  const folder = cluster === "sandbox" ? paths.state : paths.cache;
  const shims = join(folder, "shims");
  // In `make shell` our own script is on PATH already: it may not be taken for Pulumi.
  const given = (process.env.PATH ?? "").split(delimiter).filter((each) => each !== shims);
  const path = [join(root, "node_modules", ".bin"), ...given].join(delimiter);
  const base: Variables = {
    ...toolsFor(cluster, paths, path),
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PULUMI_ERROR_OUTPUT_STRING: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    WEB_GREETINGS_STACK: stack,
  };
  const pulumi = findProgram("pulumi", base.PATH ?? "");
  if (pulumi === undefined) {
    throw new Error(
      "pulumi is not on PATH, and the sandbox, which has its own, is not up; " +
        "run `make up` or `make sandbox-up`, or install Pulumi",
    );
  }
  const own = ownBackend(process.env);
  const environment = { ...process.env, ...base, ...(own ?? fileBackend(folder)) };
  if (cluster === "sandbox" || !own) {
    const stackFiles = join(folder, "stacks");
    const overlay = cluster === "sandbox" ? join(root, "sandbox", "settings.yaml") : undefined;
    writeStackFile(join(stackFiles, `${stack}.yaml`), join(root, `Pulumi.${stack}.yaml`), overlay);
    installShim(shims, pulumi, stackFiles);
    environment.PATH = `${shims}${delimiter}${environment.PATH}`;
  }
  return { stack, cluster, environment, ownsState: !own };
}
