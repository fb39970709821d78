import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { images } from "../../../infra/versions.ts";
import type { ToolchainName } from "../../../sandbox/context.ts";
import { buildImages, imagesFolder } from "../../../sandbox/images/index.ts";
import { folderKey } from "../../../sandbox/images/key.ts";
import { clusterImages, sandboxImages, workloadImages } from "../../../sandbox/images/table.ts";
import { type Fakes, startFakes } from "./fakes.ts";

const pushed = [
  "alertmanager",
  "consul",
  "consul-template",
  "coredns",
  "influxdb",
  "kafka",
  "kube-state-metrics",
  "metrics-server",
  "nginx",
  "node",
  "node-exporter",
  "pause",
  "prometheus",
  "telegraf",
  "zookeeper",
];

/** Programs of each Go module that images are made of. */
const programs: Partial<Record<ToolchainName, readonly string[]>> = {
  kubernetes: ["coredns", "metrics-server", "pause"],
  consul: ["consul", "consul-template"],
  monitoring: ["kube-state-metrics", "telegraf"],
};

/** Puts builds of all Go modules below `cache`, and hands out the folders as `up` does. */
function fakeBuilds(cache: string, key: string): (name: ToolchainName) => Promise<string> {
  const folder = (name: string): string => join(cache, `${name}-${key}`);
  for (const [name, files] of Object.entries(programs)) {
    mkdirSync(folder(name), { recursive: true });
    for (const file of files) writeFileSync(join(folder(name), file), "");
  }
  return async (name) => folder(name);
}

describe("sandbox/images", () => {
  let cache: string;
  let fakes: Fakes;

  beforeEach(async () => {
    cache = mkdtempSync(join(tmpdir(), "images-"));
    const started = await startFakes(cache);
    const built = fakeBuilds(cache, "0123456789abcdef");
    fakes = { ...started, context: { ...started.context, built } };
  });
  afterEach(() => {
    fakes.close();
    rmSync(cache, { recursive: true });
  });

  const build = (): Promise<void> => buildImages(fakes.context, "images", sandboxImages);
  const doneSince = async (): Promise<string[]> => {
    fakes.done.length = 0;
    await build();
    return [...fakes.done].sort();
  };

  it("builds each image once, after its base, and pushes what pods need", async () => {
    await build();
    const at = (what: string): number => fakes.done.indexOf(what);
    assert.deepEqual(
      fakes.done.filter((line) => line.startsWith("build")).sort(),
      ["base", "java", ...pushed].map((name) => `build ${name}`).sort(),
    );
    assert.deepEqual(
      fakes.done.filter((line) => line.startsWith("push")).sort(),
      pushed.map((name) => `push ${name}`),
    );
    assert.ok(at("build base") < at("build java") && at("build java") < at("build kafka"));
    assert.ok(at("build base") < at("build node"));
  });

  it("keys an image by its own files, its base and its reference", async () => {
    await build();
    const java = "web-greetings/java:latest";
    const base = fakes.engine.get("web-greetings/base:latest") ?? "";
    assert.equal(fakes.engine.get(java), folderKey(join(imagesFolder, "java"), [base, "", java]));
  });

  it("does nothing the second time", async () => {
    await build();
    assert.deepEqual(await doneSince(), []);
  });

  it("pushes again, but does not build, when the registry was wiped", async () => {
    await build();
    fakes.registry.clear();
    assert.deepEqual(
      (await doneSince()).filter((line) => !line.startsWith("forget")),
      pushed.map((name) => `push ${name}`),
    );
  });

  it("takes what Dockerfiles need out of the registry when the engine was wiped", async () => {
    await build();
    const key = fakes.engine.get(images.node);
    fakes.engine.clear();
    assert.deepEqual(await doneSince(), ["pull node"]);
    assert.equal(fakes.engine.get(images.node), key);
  });

  it("replaces an image that was made from other files", async () => {
    await build();
    fakes.registry.set("apache/kafka:3.9.1", "other");
    fakes.engine.set(images.kafka, "other");
    assert.deepEqual(await doneSince(), ["build kafka", "forget kafka", "push kafka"]);
  });

  it("rebuilds what holds programs when these were built anew", async () => {
    await build();
    const anew = fakeBuilds(cache, "fedcba9876543210");
    for (const [module, names] of Object.entries(programs)) {
      const { built } = fakes.context;
      const mixed = (name: ToolchainName) => (name === module ? anew(name) : built(name));
      fakes = { ...fakes, context: { ...fakes.context, built: mixed } };
      assert.deepEqual(
        await doneSince(),
        ["build", "forget", "push"].flatMap((verb) => names.map((name) => `${verb} ${name}`)),
      );
    }
  });

  it("makes the cluster's images while nothing else can be made", async () => {
    const { built } = fakes.context;
    const never = new Promise<string>(() => undefined);
    const context = {
      ...fakes.context,
      built: (name: ToolchainName) => (name === "kubernetes" ? built(name) : never),
    };
    await buildImages(context, "images of the cluster", clusterImages);
    assert.deepEqual(
      fakes.done.filter((line) => line.startsWith("push")).sort(),
      clusterImages.map(({ name }) => `push ${name}`).sort(),
    );
  });

  it("downloads jars once, even when the engine and the registry were wiped", async () => {
    await build();
    assert.equal(fakes.done.filter((line) => line === "mvn").length, 2);
    fakes.registry.clear();
    fakes.engine.clear();
    assert.equal((await doneSince()).includes("mvn"), false);
  });

  it("leaves no work folder behind", async () => {
    await build();
    const left = readdirSync(join(cache, "builds")).map((name) =>
      name.replace(/-[0-9a-f]{16}$/, ""),
    );
    assert.deepEqual(left.sort(), ["kafka-jars", "zookeeper-jars"]);
  });
});

describe("sandbox/images when a build fails", () => {
  it("fails with its reason after the others are through, and goes on from there", async () => {
    const cache = mkdtempSync(join(tmpdir(), "images-"));
    const fakes = await startFakes(cache);
    try {
      fakes.failing = "kafka";
      const context = { ...fakes.context, built: fakeBuilds(cache, "0123456789abcdef") };
      const build = () => buildImages(context, "images", workloadImages);
      await assert.rejects(build(), { message: "no kafka today" });
      assert.ok(fakes.done.includes("push zookeeper"));
      fakes.failing = undefined;
      fakes.done.length = 0;
      await build();
      assert.deepEqual(fakes.done, ["build kafka", "push kafka", "forget kafka"]);
    } finally {
      fakes.close();
      rmSync(cache, { recursive: true });
    }
  });
});
