import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { groupMembers, removeGroups } from "./cgroups.ts";
import { componentNames } from "./components.ts";
import { takeLock } from "./lock.ts";
import {
  removeBridges,
  removeChains,
  removePolicyTable,
  restoreKernelSettings,
} from "./network.ts";
import { type SandboxPaths, sandboxPaths } from "./paths.ts";
import { stop } from "./processes.ts";
import { createProgress, type Progress, terminalProgress } from "./progress.ts";
import { createRun, type Run } from "./run.ts";
import { readTrace, removeContainerTraces, removeNodeTraces } from "./trace.ts";
import { waitFor } from "./wait.ts";

/**
 * Mount points below `folder`, the innermost first, out of the text of /proc/self/mounts, where a
 * blank in a path is written as \040.
 */
export function mountsBelow(folder: string, mounts: string): readonly string[] {
  return mounts
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replace(/\\([0-7]{3})/g, fromOctal))
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}

function fromOctal(_escape: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}

/** Ends what is left in the sandbox's control groups: containers and their shims. */
async function killMembers(): Promise<void> {
  await waitFor("the containers end", 30, async () => {
    const members = groupMembers();
    for (const pid of members) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        // It has ended by itself in between.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    return members.length === 0 ? undefined : `${members.length} are left`;
  });
}

async function unmountAll(folder: string, run: Run): Promise<void> {
  await waitFor(`everything below ${folder} is unmounted`, 20, async () => {
    const mounts = mountsBelow(folder, readFileSync("/proc/self/mounts", "utf8"));
    for (const path of mounts) await run("umount", [path]);
    return mounts.length === 0 ? undefined : `${mounts.length} were mounted`;
  });
}

/** Seconds to end by itself: the API server would wait a minute for those that watch it. */
const grace = 5;

async function takeDown(paths: SandboxPaths, progress: Progress): Promise<void> {
  const run = createRun();
  const trace = readTrace(paths);
  await progress.step("stop the processes", async (step) => {
    // Last started, first stopped: the kubelet before what it would start containers with.
    for (const name of [...componentNames].reverse()) {
      step.detail(name);
      await stop(paths, name, grace);
    }
    await killMembers();
  });
  await progress.step("clean the machine", async () => {
    // The kernel names mounts by their real paths.
    await unmountAll(realpathSync(paths.cache), run);
    removeContainerTraces(paths);
    await removeBridges(run);
    if (trace) {
      await removePolicyTable(run);
      await removeChains(run);
      restoreKernelSettings(trace.kernel);
      removeNodeTraces(paths, trace);
    }
    await waitFor("the control groups are empty", 10, async () => {
      removeGroups();
      return undefined;
    });
    rmSync(paths.state, { recursive: true, force: true });
  });
}

/**
 * Stops the sandbox and takes away all that it put on this machine: processes, containers, mounts,
 * network devices, packet filter chains, control groups, kernel settings, and the cluster with its
 * volumes. Builds, images and installed packages stay. Does nothing where there is no sandbox.
 */
export async function sandboxDown(paths: SandboxPaths = sandboxPaths()): Promise<void> {
  const progress = createProgress(terminalProgress(2));
  const lock = await takeLock(paths.state, "down", (holder) =>
    progress.say(`waiting for another sandbox command: ${holder}`),
  );
  try {
    if (existsSync(paths.state)) await takeDown(paths, progress);
    else progress.say("there is no sandbox");
  } finally {
    await lock.release();
  }
}
