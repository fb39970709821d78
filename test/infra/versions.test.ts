import assert from "node:assert/strict";
import { imageAt, images, versionOf } from "../../infra/versions.ts";

describe("versions", () => {
  it("pin every image to a full reference with a version", () => {
    for (const reference of Object.values(images)) {
      assert.match(reference, /^[a-z0-9.-]+(\/[a-z0-9.-]+)+:\d+\.\d+\.\d+(-[a-z-]+)?$/);
    }
  });

  it("tell the version of an image and its reference in another", () => {
    assert.equal(versionOf("zookeeper"), "3.9.4");
    assert.equal(imageAt("kafka", "3.9.2"), "docker.io/apache/kafka:3.9.2");
  });
});
