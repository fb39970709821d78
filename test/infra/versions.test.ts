import assert from "node:assert/strict";
import { imageAt, images, versionOf } from "../../infra/versions.ts";

describe("versions", () => {
  it("pin every image to a full reference with a version", () => {
    for (const reference of Object.values(images)) {
      assert.match(reference, /^[a-z0-9.-]+(\/[a-z0-9.-]+)+:v?\d+\.\d+\.\d+(-[a-z-]+)?$/);
    }
  });

  it("tell the version of an image and its reference in another", () => {
    assert.equal(versionOf("zookeeper"), "3.9.4");
    assert.equal(imageAt("kafka", "3.9.2"), "docker.io/apache/kafka:3.9.2");
    assert.equal(versionOf("node"), "24.11.1-bookworm-slim");
  });

  it("know that some tags begin with a v", () => {
    assert.equal(versionOf("prometheus"), "3.5.3");
    assert.equal(imageAt("prometheus", "3.5.4"), "quay.io/prometheus/prometheus:v3.5.4");
  });
});
