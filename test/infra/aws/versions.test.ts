import assert from "node:assert/strict";
import { endOfStandardSupport, supportEndOf, warnBeforeEnd } from "../../../infra/aws/versions.ts";
import { refusal } from "./recordAws.ts";

function warnings(version: string, today: string): string[] {
  const lines: string[] = [];
  warnBeforeEnd(version, new Date(today), (line) => lines.push(line));
  return lines;
}

describe("versions of EKS", () => {
  it("are minor versions in order, each supported for longer than the one before", () => {
    const versions = Object.entries(endOfStandardSupport);
    for (const [version, end] of versions) {
      assert.match(version, /^1\.\d\d$/);
      assert.equal(new Date(end).toISOString().slice(0, 10), end);
    }
    assert.deepEqual(
      versions,
      versions.toSorted(([, a], [, b]) => (a < b ? -1 : 1)),
    );
    const minors = versions.map(([version]) => Number(version.slice(2)));
    assert.deepEqual(
      minors,
      minors.map((_, index) => (minors[0] ?? 0) + index),
    );
  });

  it("are told of from 90 days before the end of their support, and after it", () => {
    assert.deepEqual(warnings("1.35", "2026-12-26T23:59:59Z"), []);
    assert.deepEqual(warnings("1.35", "2026-12-27T00:00:00Z"), [
      "standard support of EKS 1.35 ends on 2027-03-27, days left: 90; " +
        "upgrade to 1.36, or EKS does it by itself",
    ]);
    assert.deepEqual(warnings("1.34", "2026-12-01T23:00:00Z"), [
      "standard support of EKS 1.34 ends on 2026-12-02, days left: 1; " +
        "upgrade to 1.35, or EKS does it by itself",
    ]);
    assert.deepEqual(warnings("1.36", "2027-08-02T00:00:00Z"), [
      "standard support of EKS 1.36 ended on 2027-08-02; " +
        "upgrade to the next version, or EKS does it by itself",
    ]);
  });

  it("fails when a version is not in the table, inherited names included", () => {
    for (const version of ["1.20", "1.35.1", "toString"]) {
      const refused = refusal(
        `no such version of EKS: got "${version}"; allowed: 1.34, 1.35, 1.36`,
      );
      assert.throws(() => supportEndOf(version), refused);
      assert.throws(() => warnings(version, "2026-01-01"), refused);
    }
  });
});
