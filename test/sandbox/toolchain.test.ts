import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Progress } from "../../sandbox/progress.ts";
import type { Run } from "../../sandbox/run.ts";
import {
  builds as allBuilds,
  buildArguments,
  buildModule,
  fetchModules,
  startBuilds,
} from "../../sandbox/toolchain.ts";
import { until } from "../until.ts";
import { requiredVersions } from "./modules.ts";

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

describe("the Go module of monitoring", () => {
  const required = requiredVersions("monitoring");

  it("is compiled with the plugins that are used, and fetched for them alone", async () => {
    const tags = [
      "custom,inputs.cpu,inputs.diskio,inputs.influxdb,inputs.internal,inputs.kernel",
      "inputs.kubernetes,inputs.mem,inputs.processes,inputs.prometheus,inputs.swap,inputs.system",
      "outputs.influxdb,outputs.prometheus_client",
    ].join(",");
    const built = buildArguments(allBuilds.monitoring, "/out");
    assert.deepEqual(built.slice(4, 6), ["-tags", tags]);
    assert.ok(!buildArguments(allBuilds.consul, "/out").includes("-tags"));
    const fetched: (readonly string[])[] = [];
    const run: Run = async (_command, args) => {
      fetched.push(args);
      return "";
    };
    await fetchModules("monitoring", { builds: tmpdir(), run });
    assert.deepEqual(fetched.at(-1)?.slice(3), ["-tags", tags, ...allBuilds.monitoring.packages]);
  });

  it("has the versions of Kubernetes' modules, so that little is left to compile", () => {
    const shared = [...requiredVersions("kubernetes")].filter(([path]) => required.has(path));
    assert.ok(shared.length > 50);
    const different = shared.filter(([path, version]) => required.get(path) !== version);
    // Telegraf needs newer ones; nothing else is made of them.
    assert.deepEqual(
      different.map(([path]) => path),
      ["github.com/grafana/regexp", "github.com/prometheus/prometheus"],
    );
  });

  it("tells its programs their versions", () => {
    assert.deepEqual(Object.values(allBuilds.monitoring.set), [
      required.get("k8s.io/kube-state-metrics/v2"),
      required.get("github.com/influxdata/telegraf")?.slice(1),
    ]);
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
    // Longer than it takes to clear a folder away after a build.
    for (let turn = begun === slow ? 8000 : 1; turn > 0; turn -= 1) await setImmediate();
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
  const order = ["kubernetes", "consul", "monitoring", "pulumi-language-nodejs", "pulumi"];
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
        ["consul", "monitoring", "pulumi"].flatMap((name) => [`fetch ${name}`, `fetched ${name}`]),
      );
      const at = (event: string): number => events.indexOf(event);
      assert.ok(at("fetch consul") < at("built kubernetes"));
      assert.ok(at("fetched consul") < at("build consul"));
      assert.ok(at("fetched monitoring") < at("build monitoring"));
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
      "build kube-state-metrics and Telegraf from Go modules",
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
