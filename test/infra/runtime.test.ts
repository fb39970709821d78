import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { requireNode, sparingly } from "../../infra/runtime.ts";
import { until } from "../until.ts";

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

  it("ends the program when nobody reads what it says any more", async () => {
    // As the SDK does with an engine that is gone: what fails is said where saying it fails.
    const program = `
      process.on("uncaughtException", (error) => console.error(error));
      require("./infra/runtime.ts");
      setInterval(() => console.error("here"), 10);`;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
      cwd: resolve(__dirname, "../.."),
      stdio: ["ignore", "ignore", "pipe"],
    });
    try {
      child.stderr.once("data", () => child.stderr.destroy());
      await until("it has ended", 30, () => child.exitCode !== null);
      assert.equal(child.exitCode, 1);
    } finally {
      child.kill("SIGKILL");
    }
  }).timeout(40_000);
});
