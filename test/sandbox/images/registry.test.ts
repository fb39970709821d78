import assert from "node:assert/strict";
import {
  deleteImage,
  mirrorReference,
  parseReference,
  published,
  tagsOf,
} from "../../../sandbox/images/registry.ts";
import { type Fakes, startFakes } from "./fakes.ts";

describe("sandbox/images/registry", () => {
  describe("references", () => {
    it("are taken apart", () => {
      assert.deepEqual(parseReference("docker.io/library/zookeeper:3.9.4"), {
        repository: "library/zookeeper",
        tag: "3.9.4",
      });
      assert.deepEqual(parseReference("localhost:5000/pause:3"), { repository: "pause", tag: "3" });
    });

    for (const bad of ["zookeeper", "library/zookeeper:3.9.4", "docker.io/library/zookeeper", ""]) {
      it(`fails when one is "${bad}"`, () => {
        assert.throws(() => parseReference(bad), {
          message: `image reference: got "${bad}", allowed is <host>/<repository>:<tag>; write it in full`,
        });
      });
    }

    it("keep repository and tag in the mirror", () => {
      assert.equal(
        mirrorReference("localhost:5000", "docker.io/apache/kafka:3.9.1"),
        "localhost:5000/apache/kafka:3.9.1",
      );
    });
  });

  describe("what is published", () => {
    const reference = "docker.io/apache/kafka:3.9.1";
    let fakes: Fakes;
    beforeEach(async () => {
      fakes = await startFakes("/nowhere");
    });
    afterEach(() => fakes.close());
    const found = () => published(fakes.context.registry, reference);

    it("is nothing in an empty registry", async () => {
      assert.equal(await found(), undefined);
    });

    it("has the digest and the key", async () => {
      fakes.registry.set("apache/kafka:3.9.1", "abc");
      assert.deepEqual(await found(), { digest: "sha256:of-3.9.1", key: "abc" });
    });

    it("has no key when someone else made the image", async () => {
      fakes.registry.set("apache/kafka:3.9.1", "none");
      assert.deepEqual(await found(), { digest: "sha256:of-3.9.1", key: undefined });
    });

    it("is nothing when a layer is lost", async () => {
      fakes.registry.set("apache/kafka:3.9.1", "abc");
      fakes.lost.add("layer-abc");
      assert.equal(await found(), undefined);
    });

    it("fails when nothing listens", async () => {
      await assert.rejects(published("localhost:1", reference), { message: "fetch failed" });
    });
  });

  describe("tags", () => {
    let fakes: Fakes;
    beforeEach(async () => {
      fakes = await startFakes("/nowhere");
      fakes.registry.set("apache/kafka:3.9.1", "abc");
      fakes.registry.set("apache/kafka:3.9.0", "abd");
      fakes.registry.set("apache/kafkacat:1", "abe");
    });
    afterEach(() => fakes.close());

    it("are those of one repository, and none of one that nobody knows", async () => {
      const { registry } = fakes.context;
      assert.deepEqual(await tagsOf(registry, "apache/kafka"), ["3.9.1", "3.9.0"]);
      assert.deepEqual(await tagsOf(registry, "apache/flink"), []);
    });

    it("are gone with the image that they stand for, and no others", async () => {
      const { registry } = fakes.context;
      await deleteImage(registry, "apache/kafka", "3.9.1");
      await deleteImage(registry, "apache/kafka", "3.9.1");
      assert.deepEqual([...fakes.registry.keys()], ["apache/kafka:3.9.0", "apache/kafkacat:1"]);
    });
  });
});
