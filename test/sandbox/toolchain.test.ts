import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "../../sandbox/run.ts";
import { buildModule, fetchModules } from "../../sandbox/toolchain.ts";

describe("Go modules", () => {
  let builds: string;
  let calls: string[];
  let failing: string | undefined;

  beforeEach(() => {
    builds = mkdtempSync(join(tmpdir(), "web-greetings-builds-"));
    calls = [];
    failing = undefined;
  });
  afterEach(() => rmSync(builds, { recursive: true }));

  const step = { detail: () => undefined };
  const run: Run = async (_command, args) => {
    calls.push(args[0] ?? "");
    if (args[0] === failing) throw new Error("no network");
    return args[0] === "version" ? "go version go1.26.0 linux/amd64\n" : "";
  };

  it("are built once, and leave nothing of a build that breaks off", async () => {
    failing = "build";
    await assert.rejects(buildModule("pulumi", { builds, run, step }), { message: "no network" });
    assert.deepEqual(readdirSync(builds), []);
    failing = undefined;
    const folder = await buildModule("pulumi", { builds, run, step });
    assert.match(folder, /\/pulumi-[0-9a-f]{16}$/);
    calls = [];
    assert.equal(await buildModule("pulumi", { builds, run, step }), folder);
    assert.deepEqual(calls, ["version"]);
  });

  it("are fetched ahead of their build, and not after it", async () => {
    await fetchModules("pulumi", { builds, run });
    assert.deepEqual(calls, ["version", "list"]);
    await buildModule("pulumi", { builds, run, step });
    calls = [];
    await fetchModules("pulumi", { builds, run });
    assert.deepEqual(calls, ["version"]);
  });

  it("are left to their build to complain about when they cannot be fetched", async () => {
    failing = "list";
    await fetchModules("pulumi", { builds, run });
    assert.deepEqual(calls, ["version", "list"]);
  });
});
