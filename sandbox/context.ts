import type { SandboxPaths } from "./paths.ts";
import type { Progress } from "./progress.ts";
import type { Run } from "./run.ts";

/** A Go module under sandbox/toolchain, by the name of its folder. */
export type ToolchainName =
  | "kubernetes"
  | "consul"
  | "monitoring"
  | "pulumi-language-nodejs"
  | "pulumi";

/** What every part of the sandbox is handed by `up`. */
export interface SandboxContext {
  readonly paths: SandboxPaths;
  /** Where to say what is being done. */
  readonly progress: Progress;
  /** Runs a command to its end; with DOCKER_HOST and KUBECONFIG of the sandbox set. */
  readonly run: Run;
  /** The local registry, `host:port`; plain HTTP on loopback. */
  readonly registry: string;
  /** The sandbox's own kubectl (of the cluster's version), an absolute path. */
  readonly kubectl: string;
  /**
   * The folder with the programs of one Go module, as soon as they are built: "kubernetes" holds
   * kubernetes, coredns, metrics-server and pause, "consul" holds consul and consul-template,
   * "monitoring" holds kube-state-metrics and telegraf. Any number may wait for the same build.
   */
  built(name: ToolchainName): Promise<string>;
}
