import assert from "node:assert/strict";
import { type PodStatus, readResult } from "../../../workloads/networkCheck/config.ts";

const ended = (message?: string): PodStatus => ({
  containerStatuses: [{ state: { terminated: message === undefined ? {} : { message } } }],
});

describe("the result of the network check", () => {
  const cases: [PodStatus | undefined, string][] = [
    [ended("enforced"), "enforced"],
    [ended("NOT ENFORCED"), "NOT ENFORCED"],
    [ended(), "not tried: the check ended without a word"],
    [ended(""), "not tried: the check ended without a word"],
    [{ containerStatuses: [{ state: {} }] }, "not tried: the check has not run yet"],
    [{}, "not tried: the check has not run yet"],
    [undefined, "not tried: the check has not run yet"],
  ];
  for (const [status, result] of cases) {
    it(`is "${result}" of ${JSON.stringify(status)}`, () => {
      assert.equal(readResult(status), result);
    });
  }
});
