import assert from "node:assert/strict";
import { requireNode } from "../../infra/runtime.ts";

describe("runtime", () => {
  it("takes Node.js 24 and newer", () => {
    for (const version of ["24.0.0", "24.21.0", "26.1.0"]) requireNode(version);
  });

  it("fails with one line on an older one", () => {
    assert.throws(() => requireNode("20.20.2"), {
      message:
        "this program needs Node.js 24 or newer, got 20.20.2; use `make up`, which brings its own, " +
        "or put node_modules/.bin first on PATH",
    });
  });
});
