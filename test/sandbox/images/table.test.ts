import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { images } from "../../../infra/versions.ts";
import { imagesFolder } from "../../../sandbox/images/index.ts";
import { parseReference } from "../../../sandbox/images/registry.ts";
import { sandboxImages, systemImages } from "../../../sandbox/images/table.ts";

const moduleFile = join(imagesFolder, "..", "toolchain", "kubernetes", "go.mod");

describe("sandbox/images/table", () => {
  it("has every public image that the program names, under its reference", () => {
    for (const [name, reference] of Object.entries(images)) {
      assert.equal(sandboxImages.find((image) => image.name === name)?.reference, reference);
    }
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
    const modules = readFileSync(moduleFile, "utf8");
    const version = (path: string): string | undefined =>
      new RegExp(`^\\s+${path} (v\\S+)`, "m").exec(modules)?.[1];
    assert.equal(parseReference(systemImages.coredns).tag, version("github.com/coredns/coredns"));
    assert.equal(
      parseReference(systemImages["metrics-server"]).tag,
      version("sigs.k8s.io/metrics-server"),
    );
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
