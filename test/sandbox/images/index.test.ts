import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { images } from "../../../infra/versions.ts";
import { buildImages, imagesFolder } from "../../../sandbox/images/index.ts";
import { folderKey } from "../../../sandbox/images/key.ts";
import { type Fakes, startFakes } from "./fakes.ts";

const pushed = ["coredns", "kafka", "metrics-server", "node", "pause", "zookeeper"];

describe("sandbox/images", () => {
  let cache: string;
  let fakes: Fakes;

  beforeEach(async () => {
    cache = mkdtempSync(join(tmpdir(), "images-"));
    const programs = join(cache, "kubernetes-0123456789abcdef");
    mkdirSync(programs);
    for (const name of ["pause", "coredns", "metrics-server"])
      writeFileSync(join(programs, name), "");
    const started = await startFakes(cache);
    fakes = { ...started, context: { ...started.context, built: async () => programs } };
  });
  afterEach(() => {
    fakes.close();
    rmSync(cache, { recursive: true });
  });

  const doneSince = async (): Promise<string[]> => {
    fakes.done.length = 0;
    await buildImages(fakes.context);
    return [...fakes.done].sort();
  };

  it("builds each image once, after its base, and pushes what pods need", async () => {
    await buildImages(fakes.context);
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
    await buildImages(fakes.context);
    const java = "web-greetings/java:latest";
    const base = fakes.engine.get("web-greetings/base:latest") ?? "";
    assert.equal(fakes.engine.get(java), folderKey(join(imagesFolder, "java"), [base, "", java]));
  });

  it("does nothing the second time", async () => {
    await buildImages(fakes.context);
    assert.deepEqual(await doneSince(), []);
  });

  it("pushes again, but does not build, when the registry was wiped", async () => {
    await buildImages(fakes.context);
    fakes.registry.clear();
    assert.deepEqual(
      (await doneSince()).filter((line) => !line.startsWith("forget")),
      pushed.map((name) => `push ${name}`),
    );
  });

  it("takes what Dockerfiles need out of the registry when the engine was wiped", async () => {
    await buildImages(fakes.context);
    const key = fakes.engine.get(images.node);
    fakes.engine.clear();
    assert.deepEqual(await doneSince(), ["pull node"]);
    assert.equal(fakes.engine.get(images.node), key);
  });

  it("replaces an image that was made from other files", async () => {
    await buildImages(fakes.context);
    fakes.registry.set("apache/kafka:3.9.1", "other");
    fakes.engine.set(images.kafka, "other");
    assert.deepEqual(await doneSince(), ["build kafka", "forget kafka", "push kafka"]);
  });

  it("rebuilds what holds programs when these were built anew", async () => {
    await buildImages(fakes.context);
    const anew = join(cache, "kubernetes-fedcba9876543210");
    mkdirSync(anew);
    for (const name of ["pause", "coredns", "metrics-server"]) writeFileSync(join(anew, name), "");
    fakes = { ...fakes, context: { ...fakes.context, built: async () => anew } };
    assert.deepEqual(
      await doneSince(),
      ["build", "forget", "push"].flatMap((verb) =>
        ["coredns", "metrics-server", "pause"].map((name) => `${verb} ${name}`),
      ),
    );
  });

  it("downloads jars once, even when the engine and the registry were wiped", async () => {
    await buildImages(fakes.context);
    assert.equal(fakes.done.filter((line) => line === "mvn").length, 2);
    fakes.registry.clear();
    fakes.engine.clear();
    assert.equal((await doneSince()).includes("mvn"), false);
  });

  it("leaves no work folder behind", async () => {
    await buildImages(fakes.context);
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
      for (const name of ["pause", "coredns", "metrics-server"])
        writeFileSync(join(cache, name), "");
      const context = { ...fakes.context, built: async () => cache };
      await assert.rejects(buildImages(context), { message: "no kafka today" });
      assert.ok(fakes.done.includes("push zookeeper"));
      fakes.failing = undefined;
      fakes.done.length = 0;
      await buildImages(context);
      assert.deepEqual(fakes.done, ["build kafka", "push kafka", "forget kafka"]);
    } finally {
      fakes.close();
      rmSync(cache, { recursive: true });
    }
  });
});
