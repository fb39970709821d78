import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { images } from "../../../infra/versions.ts";
import { imagesFolder } from "../../../sandbox/images/index.ts";
import { parseReference } from "../../../sandbox/images/registry.ts";
import {
  clusterImages,
  sandboxImages,
  systemImages,
  workloadImages,
} from "../../../sandbox/images/table.ts";

const toolchain = join(imagesFolder, "..", "toolchain");

describe("sandbox/images/table", () => {
  it("has every public image that the program names, under its reference", () => {
    const references = workloadImages.map(({ reference }) => reference);
    for (const reference of Object.values(images)) assert.ok(references.includes(reference));
  });

  it("has the cluster's images apart, each on its own", () => {
    assert.deepEqual(
      clusterImages.map(({ name, reference }) => [name, reference]),
      Object.entries(systemImages),
    );
    // Both lists are worked on at the same time.
    for (const { name, from } of clusterImages) {
      assert.equal(from, undefined);
      assert.ok(sandboxImages.every((image) => image.from !== name));
    }
    assert.deepEqual(sandboxImages, [...clusterImages, ...workloadImages]);
  });

  it("has one folder for each image and no other", () => {
    const folders = readdirSync(imagesFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    assert.deepEqual(folders.sort(), sandboxImages.map((image) => image.name).sort());
  });

  it("names each image's base as its Dockerfile does, and before it", () => {
    sandboxImages.forEach((image, position) => {
      if (image.name === "base") return;
      const dockerfile = readFileSync(join(imagesFolder, image.name, "Dockerfile"), "utf8");
      const from = /^FROM (\S+)$/m.exec(dockerfile)?.[1];
      assert.equal(from, image.from ? `web-greetings/${image.from}` : "scratch");
      if (image.from) {
        const below = sandboxImages.findIndex(({ name }) => name === image.from);
        assert.ok(below >= 0 && below < position, `${image.from} comes before ${image.name}`);
      }
    });
  });

  it("calls images built from Go by the versions of their modules", () => {
    const version = (module: string, path: string): string | undefined => {
      const required = readFileSync(join(toolchain, module, "go.mod"), "utf8");
      return new RegExp(`^\\s+${path} (v\\S+)`, "m").exec(required)?.[1];
    };
    const tag = (reference: string): string => parseReference(reference).tag;
    const kubernetes = (path: string) => version("kubernetes", path);
    const consul = (path: string) => version("consul", path);
    assert.equal(tag(systemImages.coredns), kubernetes("github.com/coredns/coredns"));
    assert.equal(tag(systemImages["metrics-server"]), kubernetes("sigs.k8s.io/metrics-server"));
    assert.equal(`v${tag(images.consul)}`, consul("github.com/hashicorp/consul"));
    assert.equal(`v${tag(images.consulTemplate)}`, consul("github.com/hashicorp/consul-template"));
  });

  for (const [name, artifact] of [
    ["zookeeper", "zookeeper"],
    ["kafka", "kafka"],
  ] as const) {
    it(`takes the jars of ${name} at the version of its reference`, () => {
      const pom = readFileSync(join(imagesFolder, name, "pom.xml"), "utf8");
      const version = /<artifactId>([a-z]+)<\/artifactId>\s*<version>([^<]+)<\/version>/.exec(pom);
      assert.deepEqual(version?.slice(1), [artifact, parseReference(images[name]).tag]);
    });
  }

  it("has a program behind every link of kafka's tools", () => {
    const bin = join(imagesFolder, "kafka", "bin");
    const script = readFileSync(join(bin, "tool.sh"), "utf8");
    const links = readdirSync(bin, { withFileTypes: true }).filter((entry) =>
      entry.isSymbolicLink(),
    );
    const known = [...script.matchAll(/^ {2}([a-z-]+\.sh)\)/gm)].map(([, name]) => name);
    assert.deepEqual(links.map((entry) => entry.name).sort(), known.sort());
  });
});
