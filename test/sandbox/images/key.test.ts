import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { contentKey, folderKey } from "../../../sandbox/images/key.ts";

describe("sandbox/images/key", () => {
  let folder: string;
  const file = (path: string, content: string): void => writeFileSync(join(folder, path), content);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "key-"));
    mkdirSync(join(folder, "bin"));
    file("Dockerfile", "FROM scratch\n");
    file("bin/run.sh", "exec true\n");
    symlinkSync("run.sh", join(folder, "bin", "link.sh"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is 16 hexadecimal digits and the same for the same files", () => {
    const key = folderKey(folder, ["a"]);
    assert.match(key, /^[0-9a-f]{16}$/);
    assert.equal(folderKey(folder, ["a"]), key);
  });

  const changes: Readonly<Record<string, () => void>> = {
    "a file's content": () => file("bin/run.sh", "exec false\n"),
    "the executable bit": () => chmodSync(join(folder, "bin/run.sh"), 0o755),
    "a new file": () => file("bin/other.sh", ""),
    "a link's target": () => {
      rmSync(join(folder, "bin/link.sh"));
      symlinkSync("other.sh", join(folder, "bin/link.sh"));
    },
    "a link that becomes a file": () => {
      rmSync(join(folder, "bin/link.sh"));
      file("bin/link.sh", "run.sh");
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`changes with ${what}`, () => {
      const before = folderKey(folder, []);
      change();
      assert.notEqual(folderKey(folder, []), before);
    });
  }

  it("does not change with the time of a file", () => {
    const before = folderKey(folder, []);
    file("Dockerfile", "FROM scratch\n");
    assert.equal(folderKey(folder, []), before);
  });

  it("tells any two different lists apart", () => {
    const lists = fc.array(fc.string(), { maxLength: 4 });
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(contentKey(one) === contentKey(other), same);
      }),
    );
  });

  it("tells lists apart whose texts join to the same", () => {
    assert.notEqual(contentKey(["ab", "c"]), contentKey(["a", "bc"]));
  });
});
