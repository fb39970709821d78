import assert from "node:assert/strict";
import { sizeOf } from "../../../workloads/kafka/sizes.ts";

describe("size of a broker", () => {
  it("is 320 MiB of heap on a small target, and what it is told", () => {
    assert.deepEqual([sizeOf("small").heapMiB, sizeOf("small").memoryMiB], [320, 704]);
    assert.deepEqual([sizeOf("small", 256).heapMiB, sizeOf("small", 256).memoryMiB], [256, 640]);
    assert.deepEqual([sizeOf("full").heapMiB, sizeOf("full").memoryMiB], [4096, 8192]);
  });

  it("starts from the image's own archive of classes, which may be missing", () => {
    for (const scale of ["small", "full"] as const) {
      const { jvmOptions } = sizeOf(scale);
      assert.deepEqual(jvmOptions.slice(-2), [
        "-XX:SharedArchiveFile=/opt/kafka/kafka.jsa",
        "-Xshare:auto",
      ]);
    }
  });
});
