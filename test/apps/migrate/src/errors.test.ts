import assert from "node:assert/strict";
import { describeError, isFinal, lineOf } from "../../../../apps/migrate/src/errors.ts";

const coded = (message: string, code: string, position?: string) =>
  Object.assign(new Error(message), { code, ...(position ? { position } : {}) });

describe("an error of the migrations", () => {
  it("is one line with its code, the first where there are several", () => {
    assert.equal(describeError(coded("no\n  table", "42P01")), "no; table (42P01)");
    assert.equal(
      describeError(coded("connect ECONNREFUSED ::1", "ECONNREFUSED")),
      "connect ECONNREFUSED ::1",
    );
    const both = new AggregateError([coded("one", "A"), coded("two", "B")]);
    assert.equal(describeError(both), "one (A)");
    assert.equal(describeError("text"), "text");
  });

  it("is final where another try would be the same", () => {
    const codes = ["28P01", "28000", "3D000", "ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED"];
    codes.push("SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    for (const code of codes) assert.equal(isFinal(coded("", code)), true, code);
    for (const code of ["ECONNREFUSED", "57P03", "53300", "ENOTFOUND", "42P01"]) {
      assert.equal(isFinal(coded("", code)), false, code);
    }
    assert.equal(isFinal(new Error("timeout")), false);
    assert.equal(isFinal(undefined), false);
  });

  it("names the line of its place", () => {
    const sql = "select 1;\nselect x;\n";
    assert.equal(lineOf(coded("", "42703", "8"), sql), 1);
    assert.equal(lineOf(coded("", "42703", "18"), sql), 2);
    assert.equal(lineOf(coded("", "42703"), sql), undefined);
  });
});
