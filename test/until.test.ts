import assert from "node:assert/strict";
import { until } from "./until.ts";

describe("until", () => {
  it("hands out what was found, at once or later", async () => {
    assert.equal(await until("it is there", 1, () => "found"), "found");
    const looks = [undefined, false, new Error("not yet"), 7] as const;
    let look = 0;
    const found = await until("it comes", 1, async () => {
      const next = looks[look++];
      if (next instanceof Error) throw next;
      return next;
    });
    assert.deepEqual([found, look], [7, 4]);
  });

  it("fails at the deadline, naming what it waited for and the error of the last look", async () => {
    await assert.rejects(
      until("it comes", 0.02, () => false),
      {
        message: "not within 0.02 s: it comes",
      },
    );
    const throws = () => Promise.reject(new Error("connection refused"));
    await assert.rejects(until("it answers", 0.02, throws), {
      message: "not within 0.02 s: it answers; last: connection refused",
    });
  });
});
