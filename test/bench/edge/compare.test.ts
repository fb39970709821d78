import assert from "node:assert/strict";
import { compare } from "./compare.ts";

/** Rounds of a load by rate and 99th percentile. */
function rounds(what: string, ...pairs: readonly (readonly [number, number])[]) {
  const statuses = new Map<number, number>();
  return { what, results: pairs.map(([perSecond, p99]) => ({ perSecond, p50: 0, p99, statuses })) };
}

describe("comparison of the edge", () => {
  const edge = rounds("edge", [700, 20], [650, 30], [900, 10]);
  const straight = rounds("straight", [1000, 10], [1100, 10], [900, 11]);

  it("holds the rate and the 99th percentile beside those without the edge", () => {
    assert.deepEqual(compare(edge, straight), [
      {
        what: "edge",
        ours: [700, 650, 900],
        against: { what: "straight", values: [1000, 1100, 900] },
        unit: "/s",
        goal: "",
        met: true,
      },
      {
        what: "edge, p99",
        ours: [20, 30, 10],
        against: { what: "straight", values: [10, 10, 11] },
        unit: "ms",
        goal: "",
        met: true,
      },
    ]);
  });

  it("meets goals that the medians just reach, and misses others", () => {
    const judged = (rate: number, p99: number) =>
      compare(edge, straight, { rate, p99 }).map(({ goal, met }) => [goal, met]);
    assert.deepEqual(judged(0.7, 2), [
      ["at least 0.7 x", true],
      ["at most 2 x", true],
    ]);
    assert.deepEqual(judged(0.71, 1.9), [
      ["at least 0.71 x", false],
      ["at most 1.9 x", false],
    ]);
  });
});
