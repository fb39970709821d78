import assert from "node:assert/strict";
import { mountsBelow } from "../../sandbox/down.ts";

describe("down", () => {
  it("unmounts what is below a folder, the innermost first", () => {
    const mounts = `/dev/vda / ext4 rw 0 0
tmpfs /c/sandbox/kubelet tmpfs rw 0 0
tmpfs /c/sandbox/kubelet/pods/a tmpfs rw 0 0
overlay /c/docker/a\\040b overlay rw 0 0
tmpfs /c/sandboxes tmpfs rw 0 0
`;
    assert.deepEqual(mountsBelow("/c/sandbox", mounts), [
      "/c/sandbox/kubelet/pods/a",
      "/c/sandbox/kubelet",
    ]);
    assert.deepEqual(mountsBelow("/c/docker", mounts), ["/c/docker/a b"]);
    assert.deepEqual(mountsBelow("/elsewhere", mounts), []);
  });
});
