import assert from "node:assert/strict";
import { controlling, parseHierarchies } from "../../sandbox/cgroups.ts";

describe("control groups", () => {
  it("are those of version 1 where a machine has both", () => {
    const mounts = `tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
`;
    const all = parseHierarchies(mounts);
    assert.equal(all.length, 3);
    assert.deepEqual(controlling(all), [
      { path: "/sys/fs/cgroup/cpu", version: 1 },
      { path: "/sys/fs/cgroup/memory", version: 1 },
    ]);
  });

  it("are the one of version 2 where there is no other", () => {
    assert.deepEqual(controlling(parseHierarchies("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n")), [
      { path: "/sys/fs/cgroup", version: 2 },
    ]);
  });

  it("are none on a machine without", () => {
    assert.deepEqual(parseHierarchies("proc /proc proc rw 0 0\n"), []);
  });
});
