import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderFirst } from "../../../../workloads/edge/nginx.ts";
import { renderStart } from "../../../../workloads/edge/scripts.ts";
import { freePort } from "../../../apps/broker.ts";
import { makeCertificates, type TrialTls } from "../../../apps/certificates.ts";
import { until } from "../../../until.ts";
import { findNginx } from "./program.ts";

/** Seconds of the drain and of the wait here. */
export const shortened = { drain: 1, wait: 1 } as const;

/** Processes that one configuration has (`worker_processes`). */
const WORKERS = 2;

/** Why the edge's nginx cannot run here, or undefined. */
export async function whyNoNginx(): Promise<string | undefined> {
  const found = await findNginx();
  return "missing" in found ? found.missing : undefined;
}

/** The container of nginx as a process of loopback. */
export interface TrialEdge {
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly tls: TrialTls;
  /** A text of the container's as it has to be here. */
  here(text: string): string;
  /** Runs the start script, and waits until nginx answers. */
  start(): Promise<void>;
  /** Hands over a configuration as consul-template does. */
  tell(config: string): void;
  /** Lines of the access log so far, read as JSON. */
  accessLog(): Record<string, unknown>[];
  stderr(): string;
  /** Times that nginx has taken a configuration. */
  reloads(): number;
  /** Whether only processes with the last configuration listen: the ones before do so for a while. */
  isSettled(): boolean;
  /** Ends the script by `signal`; its exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  remove(): Promise<void>;
}

class Edge implements TrialEdge {
  readonly port: number;
  readonly adminPort: number;
  readonly tls: TrialTls;
  readonly folder: string;
  #child: ChildProcess | undefined;

  constructor(folder: string, ports: readonly [number, number]) {
    this.folder = folder;
    [this.port, this.adminPort] = ports;
    for (const name of ["run", "token", "config", "tls", "tmp"]) mkdirSync(join(folder, name));
    const { server, client } = makeCertificates(join(folder, "tls"));
    this.tls = client;
    writeFileSync(join(folder, "tls/tls.crt"), readFileSync(server.certFile));
    writeFileSync(join(folder, "tls/tls.key"), readFileSync(server.keyFile));
    writeFileSync(join(folder, "config/first.conf"), this.here(renderFirst()));
  }

  here(text: string): string {
    const places: Record<string, string> = {
      "/run/edge": join(this.folder, "run"),
      "/run/token": join(this.folder, "token"),
      "/etc/edge/config": join(this.folder, "config"),
      "/etc/edge/tls": join(this.folder, "tls"),
      "/tmp": join(this.folder, "tmp"),
    };
    return text
      .replace(
        /\/run\/(edge|token)|\/etc\/edge\/(config|tls)|\/tmp(?=\/)/g,
        (at) => places[at] ?? at,
      )
      .replace("error_log stderr warn", "error_log stderr notice")
      .replace("listen 9443", `listen 127.0.0.1:${this.port}`)
      .replace("listen 9090", `listen 127.0.0.1:${this.adminPort}`)
      .replace("sleep 5;", `sleep ${shortened.drain};`)
      .replace("sleep 30;", `sleep ${shortened.wait};`);
  }

  async start(): Promise<void> {
    const out = (name: string) => openSync(join(this.folder, name), "a");
    const found = await findNginx();
    if ("missing" in found) throw new Error(found.missing);
    this.#child = spawn("sh", ["-c", this.here(renderStart())], {
      detached: true,
      env: { ...process.env, PATH: found.path },
      stdio: ["ignore", out("stdout"), out("stderr")],
    });
    await until("nginx answers", 10, async () => {
      const answer = await fetch(`http://127.0.0.1:${this.adminPort}/livez`);
      return answer.status === 200;
    });
  }

  tell(config: string): void {
    const run = join(this.folder, "run");
    writeFileSync(join(run, "written.conf"), this.here(config));
    renameSync(join(run, "written.conf"), join(run, "candidate.conf"));
    execFileSync("sh", ["-c", `echo new 1<>${join(run, "news")}`]);
  }

  accessLog(): Record<string, unknown>[] {
    const lines = readFileSync(join(this.folder, "stdout"), "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  stderr(): string {
    return readFileSync(join(this.folder, "stderr"), "utf8");
  }

  reloads(): number {
    return this.stderr().split(/signal 1 \(SIGHUP\) received from \d+, reconfiguring/).length - 1;
  }

  isSettled(): boolean {
    const left = this.stderr().split(/\d+#\d+: gracefully shutting down/).length - 1;
    return left >= this.reloads() * WORKERS;
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
    this.#killGroup();
    return child.exitCode;
  }

  async remove(): Promise<void> {
    this.#killGroup();
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The rest of the container goes with its first process. */
  #killGroup(): void {
    try {
      if (this.#child?.pid) process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // Nothing is left.
    }
  }
}

/** An edge on ports of its own, not yet started. */
export async function makeEdge(): Promise<TrialEdge> {
  const folder = mkdtempSync(join(tmpdir(), "edge-"));
  return new Edge(folder, [await freePort(), await freePort()]);
}
