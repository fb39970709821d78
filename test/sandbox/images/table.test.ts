import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ImageName, images } from "../../../infra/versions.ts";
import { imagesFolder } from "../../../sandbox/images/index.ts";
import { parseReference } from "../../../sandbox/images/registry.ts";
import {
  clusterImages,
  sandboxImages,
  systemImages,
  unavailableImages,
  workloadImages,
} from "../../../sandbox/images/table.ts";
import { requiredVersions } from "../modules.ts";

describe("sandbox/images/table", () => {
  it("has every public image that the program names, under its reference, but those not to be had", () => {
    const references = workloadImages.map(({ reference }) => reference);
    const names = Object.keys(images) as ImageName[];
    assert.deepEqual(
      names.filter((name) => !references.includes(images[name])),
      unavailableImages,
    );
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
    const tag = (reference: string): string => parseReference(reference).tag;
    for (const [module, path, version] of [
      ["kubernetes", "github.com/coredns/coredns", tag(systemImages.coredns)],
      ["kubernetes", "sigs.k8s.io/metrics-server", tag(systemImages["metrics-server"])],
      ["consul", "github.com/hashicorp/consul", `v${tag(images.consul)}`],
      ["consul", "github.com/hashicorp/consul-template", `v${tag(images.consulTemplate)}`],
      ["monitoring", "k8s.io/kube-state-metrics/v2", tag(images.kubeStateMetrics)],
      ["monitoring", "github.com/influxdata/telegraf", `v${tag(images.telegraf)}`],
    ] as const) {
      assert.equal(requiredVersions(module).get(path), version, path);
    }
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
