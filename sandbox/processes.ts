import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxPaths } from "./paths.ts";
import { waitFor } from "./wait.ts";

/** A program to be kept running. */
export interface ProcessSpec {
  /** Name of its record and of its log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Anything else that it has to be started anew for when it changes: its configuration. */
  readonly inputs?: readonly string[];
  /** The control group files (`cgroup.procs`) that it joins before it starts. */
  readonly groups: readonly string[];
}

/**
 * What is written down about a process that was started. A process id alone is used again by
 * others; with the time of its start (clock ticks since boot) and the boot it names one process.
 */
export interface ProcessRecord {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  /** Hash of what it was started with. */
  readonly key: string;
}

/** Where the system's own programs are: mount, iptables, runc. */
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The state letter and the start (clock ticks since boot) in the text of /proc/<pid>/stat. */
export function parseStat(text: string): { readonly state: string; readonly startTicks: number } {
  // The second field is the program's name in brackets and may itself hold blanks and brackets.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTicks: Number(fields[19]) };
}

/** Names this boot of the machine. */
export function currentBoot(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Whether the very process of the record is running: not one that got its number later. */
export function isAlive(record: ProcessRecord, boot: string = currentBoot()): boolean {
  if (record.bootId !== boot) return false;
  try {
    const { state, startTicks } = parseStat(readFileSync(`/proc/${record.pid}/stat`, "utf8"));
    return startTicks === record.startTicks && state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}

/** Hash of everything that a process is started with. */
export function specKey(spec: ProcessSpec): string {
  const inputs = JSON.stringify([spec.command, spec.args, spec.inputs ?? []]);
  return createHash("sha256").update(inputs).digest("hex");
}

function recordFile(paths: SandboxPaths, name: string): string {
  return join(paths.run, `${name}.process.json`);
}

/** The log of a process, by its name. */
function logFile(paths: SandboxPaths, name: string): string {
  return join(paths.logs, `${name}.log`);
}

/** Reads what was recorded under a name; undefined when there is nothing, or half a record. */
export function readRecord(paths: SandboxPaths, name: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(paths, name), "utf8")) as ProcessRecord;
  } catch {
    return undefined;
  }
}

/** The running process of that name, if it is running. */
export function running(paths: SandboxPaths, name: string): ProcessRecord | undefined {
  const record = readRecord(paths, name);
  return record && isAlive(record) ? record : undefined;
}

/**
 * Makes sure that a process runs with just this specification: one that does is left alone, one
 * that was started with another is stopped first. Says whether it was started now.
 */
export async function ensureRunning(paths: SandboxPaths, spec: ProcessSpec): Promise<boolean> {
  const present = running(paths, spec.name);
  if (present?.key === specKey(spec)) return false;
  if (present) await stop(paths, spec.name, 20);
  mkdirSync(paths.logs, { recursive: true });
  mkdirSync(paths.run, { recursive: true });
  // Appending, so that the file can be cut short while the process writes to it.
  const log = openSync(logFile(paths, spec.name), "a", 0o600);
  // The shell joins the groups and then becomes the program, before that has children of its own.
  const script = 'groups=$1; shift; for g in $groups; do echo $$ > "$g"; done; exec "$@"';
  const child = spawn(
    "/bin/sh",
    ["-c", script, "sh", spec.groups.join(" "), spec.command, ...spec.args],
    // Nothing of the caller's environment but where programs are: proxies and the like stay out.
    { detached: true, stdio: ["ignore", log, log], env: { PATH: systemPath }, cwd: "/" },
  );
  closeSync(log);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
  child.unref();
  const { startTicks } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  const record: ProcessRecord = { pid, startTicks, bootId: currentBoot(), key: specKey(spec) };
  writeFileSync(recordFile(paths, spec.name), JSON.stringify(record), { mode: 0o600 });
  return true;
}

/** Throws with the end of its log when a process that has to run does not. */
export function assertRunning(paths: SandboxPaths, name: string): void {
  if (running(paths, name)) return;
  const tail = readFileSync(logFile(paths, name), "utf8")
    .trimEnd()
    .split("\n")
    .slice(-5)
    .join("\n");
  throw new Error(`${name} has ended; the end of ${logFile(paths, name)}:\n${tail}`);
}

/** Ends the process of that name, by force after `grace` seconds, and forgets it. */
export async function stop(paths: SandboxPaths, name: string, grace: number): Promise<void> {
  const record = running(paths, name);
  if (record) {
    process.kill(record.pid, "SIGTERM");
    const gone = async () => (isAlive(record) ? "still running" : undefined);
    await waitFor(`${name} stops`, grace, gone).catch(async () => {
      if (isAlive(record)) process.kill(record.pid, "SIGKILL");
      await waitFor(`${name} ends after SIGKILL`, 10, gone);
    });
  }
  rmSync(recordFile(paths, name), { force: true });
}
