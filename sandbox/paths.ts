import { homedir } from "node:os";
import { join } from "node:path";

/** Every folder and file that the sandbox reads or writes; all absolute. */
export interface SandboxPaths {
  /** What survives `down`: builds, images, package caches. */
  readonly cache: string;
  /** Finished builds, one folder each: `<name>-<hash of its inputs>`. */
  readonly builds: string;
  /** What is stored by the local image registry. */
  readonly registry: string;
  /** What the docker engine keeps: base layers and its build cache. */
  readonly docker: string;
  /** The cluster's own folder. */
  readonly state: string;
  /** Certificates and keys of the cluster. */
  readonly certificates: string;
  /** Configuration files as they were rendered. */
  readonly config: string;
  /** Standard output and error of each process. */
  readonly logs: string;
  /** Sockets, process records and the lock. */
  readonly run: string;
  /** Volumes of the pods. */
  readonly volumes: string;
  /** Links to the tools that the machine itself has not got; goes last on PATH. */
  readonly bin: string;
  /** Links to the components of Kubernetes, under the names that they run by. */
  readonly components: string;
  /** The administrator's kubeconfig, mode 0600. */
  readonly kubeconfig: string;
  /** PULUMI_HOME. */
  readonly pulumi: string;
}

/**
 * The cache folder of the project: `${XDG_CACHE_HOME:-~/.cache}/web-greetings`.
 * A relative XDG_CACHE_HOME is ignored, as the XDG base directory specification demands.
 */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment.XDG_CACHE_HOME;
  const base = configured?.startsWith("/") ? configured : join(homedir(), ".cache");
  return join(base, "web-greetings");
}

/** Lays out the folders below `cache`; creates nothing. */
export function sandboxPaths(cache: string = cacheRoot()): SandboxPaths {
  const state = join(cache, "sandbox");
  return {
    cache,
    builds: join(cache, "builds"),
    registry: join(cache, "registry"),
    docker: join(cache, "docker"),
    state,
    certificates: join(state, "certificates"),
    config: join(state, "config"),
    logs: join(state, "logs"),
    run: join(state, "run"),
    volumes: join(state, "volumes"),
    bin: join(state, "bin"),
    components: join(state, "components"),
    kubeconfig: join(state, "kubeconfig"),
    pulumi: join(state, "pulumi"),
  };
}
