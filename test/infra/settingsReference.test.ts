import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { currentReference, referenceFile } from "./settingsReference.ts";

describe("docs/settings.md", () => {
  it("is what Pulumi.yaml says", () => {
    assert.equal(readFileSync(referenceFile, "utf8"), currentReference());
  });
});
