import assert from "node:assert/strict";
import { volumeKeyPolicy } from "../../../infra/aws/volumeKey.ts";

interface KeyStatement {
  readonly Sid: string;
  readonly Principal: { readonly AWS: string };
  readonly Action: readonly string[];
  readonly Condition?: object;
}

const statements: KeyStatement[] = JSON.parse(
  volumeKeyPolicy("123456789012", "eu-central-1"),
).Statement;
const [use, look] = statements;

describe("key of volumes", () => {
  it("is used by the account alone, and through EC2 alone", () => {
    assert.equal(statements.length, 2);
    assert.equal(use?.Principal.AWS, "*");
    assert.deepEqual(use.Condition, {
      StringEquals: {
        "kms:CallerAccount": "123456789012",
        "kms:ViaService": "ec2.eu-central-1.amazonaws.com",
      },
    });
  });

  it("is looked after by the account, which neither decrypts with it nor is locked out", () => {
    assert.equal(look?.Principal.AWS, "arn:aws:iam::123456789012:root");
    for (const action of ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource"]) {
      assert.ok(look.Action.includes(action), action);
    }
    for (const action of ["kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"]) {
      assert.equal(look.Action.includes(action), false, action);
      assert.equal(use?.Action.includes(action), true, action);
    }
  });

  it("names every action in full", () => {
    for (const { Action } of statements) {
      for (const action of Action) assert.match(action, /^kms:[A-Za-z]+$/);
    }
  });
});
