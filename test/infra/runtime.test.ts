import assert from "node:assert/strict";
import { requireNode, sparingly } from "../../infra/runtime.ts";

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

  it("spares the stacks of promises that nobody looks at, and no others", () => {
    const frame = (file: string | undefined) =>
      ({ getFileName: () => file }) as unknown as NodeJS.CallSite;
    const prepare = sparingly(({ message }, frames) => `${message} ${frames.length}`);
    const stackOf = (...files: (string | undefined)[]) =>
      prepare(new Error("at"), files.map(frame));
    const sdk = "/somewhere/@pulumi/pulumi/runtime";
    assert.equal(stackOf(`${sdk}/debuggable.js`, "/somewhere/index.ts"), "");
    assert.equal(stackOf("/somewhere/index.ts", `${sdk}/debuggable.js`), "at 2");
    assert.equal(stackOf(`${sdk}/rpc.js`), "at 1");
    assert.equal(stackOf(undefined), "at 1");
    assert.equal(stackOf(), "at 0");
  });
});
