import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Progress } from "../../sandbox/progress.ts";
import type { Run } from "../../sandbox/run.ts";
import { buildModule, fetchModules, startBuilds } from "../../sandbox/toolchain.ts";
import { until } from "../until.ts";

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
    await assert.rejects(buildModule("pulumi", { builds, run }, step), { message: "no network" });
    assert.deepEqual(readdirSync(builds), []);
    failing = undefined;
    const folder = await buildModule("pulumi", { builds, run }, step);
    assert.match(folder, /\/pulumi-[0-9a-f]{16}$/);
    calls = [];
    assert.equal(await buildModule("pulumi", { builds, run }, step), folder);
    assert.deepEqual(calls, ["version"]);
  });

  it("are fetched ahead of their build, and not after it", async () => {
    await fetchModules("pulumi", { builds, run });
    assert.deepEqual(calls, ["version", "list"]);
    await buildModule("pulumi", { builds, run }, step);
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

describe("Go modules, all of them", () => {
  let builds: string;
  /** What began and ended, in order: "fetch pulumi", "fetched pulumi", "build consul", "built consul". */
  let events: string[];
  let failing: string | undefined;
  /** What takes long: the network or the compiler. */
  let slow: "fetch" | "build";

  beforeEach(() => {
    builds = mkdtempSync(join(tmpdir(), "web-greetings-builds-"));
    events = [];
    titles = [];
    failing = undefined;
    slow = "build";
  });
  afterEach(() => rmSync(builds, { recursive: true }));

  const run: Run = async (_command, [verb], options) => {
    if (verb === "version") return "go version go1.26.0 linux/amd64\n";
    const module = basename(options?.cwd ?? "");
    const [begun, ended] = verb === "list" ? ["fetch", "fetched"] : ["build", "built"];
    events.push(`${begun} ${module}`);
    for (let turn = begun === slow ? 50 : 1; turn > 0; turn -= 1) await setImmediate();
    if (`${begun} ${module}` === failing) throw new Error(`no ${module} today`);
    events.push(`${ended} ${module}`);
    return "";
  };
  let titles: string[];
  const progress: Progress = {
    say: () => undefined,
    step: (what, work) => {
      titles.push(what);
      return work({ detail: () => undefined });
    },
  };
  const order = ["kubernetes", "consul", "pulumi-language-nodejs", "pulumi"];
  const about = (verb: string) => events.filter((line) => line.startsWith(verb));

  for (const what of ["fetch", "build"] as const) {
    it(`are fetched before their turn, and built one after the other, when to ${what} takes long`, async () => {
      slow = what;
      await Promise.all(Object.values(startBuilds({ builds, run }, progress)));
      assert.deepEqual(
        about("buil"),
        order.flatMap((name) => [`build ${name}`, `built ${name}`]),
      );
      assert.deepEqual(
        about("fetch"),
        ["consul", "pulumi"].flatMap((name) => [`fetch ${name}`, `fetched ${name}`]),
      );
      const at = (event: string): number => events.indexOf(event);
      assert.ok(at("fetch consul") < at("built kubernetes"));
      assert.ok(at("fetched consul") < at("build consul"));
      assert.ok(at("fetched pulumi") < at("build pulumi-language-nodejs"));
    });
  }

  it("are fetched while the first is compiled", async () => {
    await startBuilds({ builds, run }, progress).kubernetes;
    assert.deepEqual(events.slice(-2), ["fetched pulumi", "built kubernetes"]);
  });

  it("are steps of their own, and have a folder each", async () => {
    const folders = await Promise.all(Object.values(startBuilds({ builds, run }, progress)));
    assert.deepEqual(
      folders.map((folder) => basename(folder).replace(/-[0-9a-f]{16}$/, "")),
      order,
    );
    assert.deepEqual(titles, [
      "build Kubernetes from Go modules",
      "build Consul from Go modules",
      "build Pulumi's language host from Go modules",
      "build Pulumi from Go modules",
    ]);
  });

  it("are not begun after one that fails", async () => {
    failing = "build consul";
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const { kubernetes, ...later } = startBuilds({ builds, run }, progress);
    assert.match(await kubernetes, /\/kubernetes-[0-9a-f]{16}$/);
    // A failure that nobody waits for yet would end the process.
    const failed = () => about("build consul").length === 1 && readdirSync(builds).length === 1;
    await until("Consul has failed", 5, failed);
    for (let turn = 10; turn > 0; turn -= 1) await setImmediate();
    process.off("unhandledRejection", note);
    assert.deepEqual(unhandled, []);
    for (const promise of Object.values(later)) {
      await assert.rejects(promise, { message: "no consul today" });
    }
    assert.deepEqual(about("buil"), ["build kubernetes", "built kubernetes", "build consul"]);
  });
});
