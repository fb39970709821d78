import assert from "node:assert/strict";
import { faultOf } from "./fault.ts";

const fine = { code: 0, stdout: "", stderr: "" };
const told = (stdout: string) => ({ ...fine, stdout });
const refusal = { ...fine, code: 254, stderr: "An error occurred (404) when calling it" };

describe("faults of a page's commands", () => {
  const faults = (command: string, typed = fine) =>
    faultOf(command, typed, [["describe-cluster", /^"ACTIVE"$/m]]);

  it("are none where a command does what the page says", () => {
    assert.equal(faults("aws kms enable-key --key-id it"), undefined);
    assert.equal(faults("aws eks describe-cluster --query it", told('"ACTIVE"\n')), undefined);
    assert.equal(faults("aws iam list-roles --query it", told('["one"]\n')), undefined);
    assert.equal(faults("aws s3api head-bucket --bucket it", refusal), undefined);
    assert.equal(faults("of() { aws rds wait --query $1; }"), undefined);
  });

  it("are errors, also within a loop", () => {
    const command = "aws kms enable-key --key it";
    assert.equal(
      faults(command, { code: 252, stdout: "", stderr: "Unknown options: --key" }),
      `${command}: exit code 252, printed Unknown options: --key`,
    );
    assert.match(
      faults(command, { ...fine, stderr: "not the last one" }) ?? "",
      /not the last one$/,
    );
  });

  it("are other texts than those of the page", () => {
    const command = "aws eks describe-cluster --query it";
    const fault = `${command}: exit code 0, printed "FAILED", not /^"ACTIVE"$/m`;
    assert.equal(faults(command, told('"FAILED"')), fault);
  });

  it("are queries that find nothing", () => {
    for (const nothing of ["", "null\n", "None\n", "[]\n", "[\n]\n", '""\n']) {
      assert.ok(faults("aws iam list-roles --query it", told(nothing)), JSON.stringify(nothing));
    }
  });

  it("are a refusal that does not come, and a command of the CLI 2 that 1 has learnt", () => {
    assert.ok(faults("aws s3api head-bucket --bucket it"));
    assert.ok(faults("aws logs tail it"));
    assert.equal(faults("aws logs tail it", { ...refusal, stderr: "Invalid choice" }), undefined);
  });
});
