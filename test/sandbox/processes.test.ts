import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type SandboxPaths, sandboxPaths } from "../../sandbox/paths.ts";
import {
  assertRunning,
  ensureRunning,
  isAlive,
  type ProcessSpec,
  parseStat,
  readRecord,
  running,
  specKey,
  stop,
} from "../../sandbox/processes.ts";
import { waitFor } from "../../sandbox/wait.ts";

const sleeper: ProcessSpec = { name: "sleeper", command: "sleep", args: ["600"], groups: [] };

describe("records of processes", () => {
  it("reads state and start out of /proc/<pid>/stat, whatever the program is called", () => {
    const rest = Array.from({ length: 18 }, (_, index) => String(index)).join(" ");
    fc.assert(
      fc.property(fc.string(), fc.nat(), (name, ticks) => {
        assert.deepEqual(parseStat(`12 (${name}) S ${rest} ${ticks} 0 0\n`), {
          state: "S",
          startTicks: ticks,
        });
      }),
    );
  });

  it("changes the key with the command, its arguments and its inputs", () => {
    const keys = [
      specKey(sleeper),
      specKey({ ...sleeper, args: ["60"] }),
      specKey({ ...sleeper, command: "cat" }),
      specKey({ ...sleeper, inputs: ["configuration"] }),
    ];
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(specKey(sleeper), specKey({ ...sleeper }));
  });
});

describe("processes", () => {
  let paths: SandboxPaths;

  beforeEach(() => {
    paths = sandboxPaths(mkdtempSync(join(tmpdir(), "processes-")));
  });

  afterEach(async () => {
    await stop(paths, sleeper.name, 5);
    rmSync(paths.cache, { recursive: true });
  });

  it("starts once, and again only with another specification", async () => {
    assert.equal(await ensureRunning(paths, sleeper), true);
    const first = running(paths, "sleeper");
    assert.equal(await ensureRunning(paths, sleeper), false);
    assert.deepEqual(running(paths, "sleeper"), first);
    assert.equal(await ensureRunning(paths, { ...sleeper, args: ["601"] }), true);
    const second = running(paths, "sleeper");
    assert.notEqual(second?.pid, first?.pid);
    assert.equal(first && isAlive(first), false);
  });

  it("takes a process that got the number later for another one", async () => {
    await ensureRunning(paths, sleeper);
    const record = running(paths, "sleeper");
    assert.ok(record);
    assert.equal(isAlive(record), true);
    assert.equal(isAlive({ ...record, startTicks: record.startTicks - 1 }), false);
    assert.equal(isAlive({ ...record, bootId: "another boot" }), false);
  });

  it("takes an ended process that nobody has waited for as ended", async () => {
    // The shell becomes tail, which never waits for the child that it inherits.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec tail -f /dev/null"]);
    const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
    try {
      const zombie = async () => parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
      await waitFor("the child is a zombie", 5, async () =>
        (await zombie()).state === "Z" ? undefined : "it runs",
      );
      const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const { startTicks } = await zombie();
      assert.equal(isAlive({ pid, startTicks, bootId, key: "" }), false);
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("stops what does not heed SIGTERM, and forgets it", async () => {
    const args = ["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"];
    await ensureRunning(paths, { ...sleeper, command: "sh", args });
    const log = join(paths.logs, "sleeper.log");
    await waitFor("the trap is set", 5, async () =>
      readFileSync(log, "utf8") === "ready\n" ? undefined : "not yet",
    );
    const record = running(paths, "sleeper");
    await stop(paths, "sleeper", 0.3);
    assert.equal(record && isAlive(record), false);
    assert.equal(readRecord(paths, "sleeper"), undefined);
  });

  it("does not end a stranger that has got the recorded number", async () => {
    await ensureRunning(paths, sleeper);
    const record = running(paths, "sleeper");
    assert.ok(record);
    const file = join(paths.run, "sleeper.process.json");
    writeFileSync(file, JSON.stringify({ ...record, startTicks: record.startTicks - 1 }));
    await stop(paths, "sleeper", 1);
    assert.equal(isAlive(record), true);
    writeFileSync(file, JSON.stringify(record));
  });

  it("shows the end of the log of a process that has ended", async () => {
    const args = ["-c", "echo bad flag >&2; exit 1"];
    await ensureRunning(paths, { ...sleeper, command: "sh", args });
    await waitFor("it ends", 5, async () => (running(paths, "sleeper") ? "it runs" : undefined));
    const log = join(paths.logs, "sleeper.log");
    assert.throws(() => assertRunning(paths, "sleeper"), {
      message: `sleeper has ended; the end of ${log}:\nbad flag`,
    });
  });

  it("keeps the caller's environment out", async () => {
    const args = ["-c", "env | cut -d= -f1 | sort"];
    await ensureRunning(paths, { ...sleeper, command: "sh", args });
    await waitFor("it ends", 5, async () => (running(paths, "sleeper") ? "it runs" : undefined));
    const names = readFileSync(join(paths.logs, "sleeper.log"), "utf8").trim().split("\n");
    assert.deepEqual(
      names.filter((name) => !/^(_|OLDPWD|SHLVL|PWD|NODE_V8_COVERAGE)$/.test(name)),
      ["PATH"],
    );
  });
});
