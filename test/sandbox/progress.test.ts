import assert from "node:assert/strict";
import fc from "fast-check";
import { createProgress, elapsed } from "../../sandbox/progress.ts";

/** A clock that is set by hand, and the lines that were written. */
function recorder(total: number) {
  const lines: string[] = [];
  const clock = { now: 0, tick: () => {}, stopped: 0 };
  const progress = createProgress({
    total,
    write: (line) => lines.push(line),
    now: () => clock.now,
    every: (tick) => {
      clock.tick = tick;
      return () => {
        clock.stopped += 1;
      };
    },
  });
  return { lines, clock, progress };
}

describe("progress", () => {
  it("says number, total, what and elapsed time of a step", async () => {
    const { lines, clock, progress } = recorder(3);
    const result = await progress.step("compile", async (step) => {
      clock.now = 10_000;
      clock.tick();
      step.detail("linking");
      clock.now = 20_000;
      clock.tick();
      clock.now = 65_000;
      return 7;
    });
    assert.equal(result, 7);
    assert.deepEqual(lines, [
      "step 1 of 3: compile: begins",
      "step 1 of 3: compile: under way, 10 s",
      "step 1 of 3: compile: linking, 20 s",
      "step 1 of 3: compile: done, 1 min 05 s",
    ]);
    assert.equal(clock.stopped, 1);
  });

  it("ends a failed step with a line and hands on its error", async () => {
    const { lines, clock, progress } = recorder(1);
    const failing = progress.step("compile", () => Promise.reject(new Error("no space left")));
    await assert.rejects(failing, { message: "no space left" });
    assert.deepEqual(lines, ["step 1 of 1: compile: begins", "step 1 of 1: compile: failed, 0 s"]);
    assert.equal(clock.stopped, 1);
  });

  it("numbers overlapping steps in the order in which they begin", async () => {
    const { lines, progress } = recorder(2);
    await Promise.all([progress.step("a", async () => {}), progress.step("b", async () => {})]);
    assert.deepEqual(lines.slice(0, 2), ["step 1 of 2: a: begins", "step 2 of 2: b: begins"]);
  });

  it("never shows sixty seconds", () => {
    fc.assert(fc.property(fc.nat(10 ** 8), (ms) => !/\b60 s/.test(elapsed(ms))));
  });
});
