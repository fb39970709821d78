import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConsulSettings } from "../../../../apps/shared/consul.ts";
import { leaveToken } from "../../../../apps/shared/token-file.ts";
import { files, paths } from "../../../../workloads/edge/config.ts";
import { renderTemplate } from "../../../../workloads/edge/nginx.ts";
import { renderWatch, renderWatchSettings } from "../../../../workloads/edge/scripts.ts";
import type { TrialEdge } from "./nginx.ts";

/** Folder with `consul-template`: of PATH, else the sandbox's build; undefined where there is none. */
function findWatch(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const builds = join(cache, "web-greetings", "builds");
  const built = existsSync(builds) ? readdirSync(builds).map((name) => join(builds, name)) : [];
  const folders = [...(process.env.PATH ?? "").split(":"), ...built];
  return folders.find((folder) => existsSync(join(folder, "consul-template")));
}

/** Why no consul-template can run here, or undefined. */
export function whyNoWatch(): string | undefined {
  return findWatch()
    ? undefined
    : "needs consul-template: put it on the PATH or run make sandbox-up";
}

/** The container of consul-template beside a trial's nginx, as a process of loopback. */
export class TrialWatch {
  readonly #edge: TrialEdge;
  readonly #child: ChildProcess;

  /** Starts it; it waits for a token. */
  constructor(edge: TrialEdge, consul: ConsulSettings) {
    this.#edge = edge;
    const config = join(edge.folder, "config");
    // nginx's certificate is of another authority here.
    copyFileSync(consul.caFile, join(config, "ca.crt"));
    copyFileSync(consul.certFile, join(config, "tls.crt"));
    copyFileSync(consul.keyFile, join(config, "tls.key"));
    const settings = renderWatchSettings(consul.address).replaceAll(paths.tls, paths.config);
    writeFileSync(join(config, files.watch), edge.here(settings));
    writeFileSync(join(config, files.template), edge.here(renderTemplate()));
    const log = openSync(join(edge.folder, "watch"), "a");
    this.#child = spawn("sh", ["-c", edge.here(renderWatch())], {
      env: { ...process.env, PATH: `${findWatch()}:${process.env.PATH}` },
      detached: true,
      stdio: ["ignore", log, log],
    });
  }

  /** Does the agent's part. */
  leave(token: string): void {
    leaveToken(join(this.#edge.folder, "token/consul"), token);
  }

  log(): string {
    return readFileSync(join(this.#edge.folder, "watch"), "utf8");
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill(signal);
      await ended;
    }
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing is left.
    }
    return child.exitCode;
  }
}
