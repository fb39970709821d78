import assert from "node:assert/strict";
import fc from "fast-check";
import { CommandError, createRun, lineSplitter } from "../../sandbox/run.ts";
import { waitFor } from "../../sandbox/wait.ts";

describe("run", () => {
  const run = createRun({ GREETING: "hello" });

  it("hands out the standard output and passes input and variables on", async () => {
    assert.equal(await run("cat", [], { input: "text" }), "text");
    assert.equal(
      await run("sh", ["-c", "echo $GREETING $NAME"], { env: { NAME: "you" } }),
      "hello you\n",
    );
  });

  it("fails with the command, the exit code and the end of what it said", async () => {
    await assert.rejects(run("sh", ["-c", "echo no space left >&2; exit 3"]), (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.exitCode, 3);
      assert.equal(
        error.message,
        "sh -c echo no space left >&2; exit 3: exit code 3\nno space left",
      );
      return true;
    });
  });

  it("fails for a program that is not there", async () => {
    await assert.rejects(run("no-such-program", []), {
      message: "no-such-program: cannot be started (spawn no-such-program ENOENT)",
    });
  });

  it("splits lines wherever the chunks end", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(20), (lines, size) => {
        const clean = lines.map((line) => line.replaceAll("\n", ""));
        const text = clean.map((line) => `${line}\n`).join("");
        const got: string[] = [];
        const feed = lineSplitter((line) => got.push(line));
        for (let at = 0; at < text.length; at += size + 1) feed(text.slice(at, at + size + 1));
        assert.deepEqual(got, clean);
      }),
    );
  });
});

describe("wait", () => {
  it("ends as soon as there is no reason left", async () => {
    const reasons = ["not yet", undefined];
    await waitFor("it", 5, async () => reasons.shift());
    assert.deepEqual(reasons, []);
  });

  it("fails with the last reason, or the last error, when the time is over", async () => {
    await assert.rejects(
      waitFor("it", 0, async () => "closed"),
      { message: "it: not within 0 s: closed" },
    );
    const failing = waitFor("it", 0, () => Promise.reject(new Error("refused")));
    await assert.rejects(failing, { message: "it: not within 0 s: refused" });
  });
});
