import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaveToken } from "../../../apps/shared/token-file.ts";

describe("the token for the program beside us", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "token-"));
    file = join(folder, "consul");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("is one line that our group may read and others may not", () => {
    leaveToken(file, "first");
    assert.equal(readFileSync(file, "utf8"), "first\n");
    assert.equal(statSync(file).mode & 0o777, 0o640);
  });

  it("takes the place of the one before at once: it is another file", () => {
    leaveToken(file, "first");
    const { ino } = statSync(file);
    leaveToken(file, "second");
    assert.equal(readFileSync(file, "utf8"), "second\n");
    assert.notEqual(statSync(file).ino, ino);
    assert.deepEqual(readdirSync(folder), ["consul"]);
  });

  it("fails where there is no folder for it", () => {
    const nowhere = join(folder, "none", "consul");
    assert.throws(() => leaveToken(nowhere, "first"), { code: "ENOENT" });
    assert.equal(existsSync(nowhere), false);
  });
});
