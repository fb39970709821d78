import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyOf } from "./graph.ts";
import { record, settle } from "./mocks.ts";

describe("what is recorded under mocks", () => {
  it("tells what is protected and what outlives its stack, by itself or by its parent", async () => {
    const resources = await record(() => {
      const parent = new pulumi.ComponentResource("test:Room", "room", {}, { protect: true });
      new aws.s3.Bucket("inside", {}, { parent });
      new aws.s3.Bucket("open", {}, { parent, protect: false });
      new aws.s3.Bucket("kept", {}, { retainOnDelete: true });
    });
    assert.deepEqual(
      resources.map((of) => [keyOf(of), of.isProtected, of.isKept]),
      [
        ["Bucket inside", true, false],
        ["Bucket kept", false, true],
        ["Bucket open", false, false],
        ["Room room", true, false],
      ],
    );
  });

  it("is answered by AWS where AWS is asked", async () => {
    const answers: unknown[] = [];
    await record(async () => {
      answers.push(await settle(aws.getCallerIdentityOutput().accountId));
      answers.push(await settle(new aws.s3.Bucket("data", {}).arn));
      await assert.rejects(aws.getRegion({}), /no answer to aws:index\/getRegion:getRegion/);
    });
    assert.deepEqual(answers, ["123456789012", "arn:data"]);
  });

  it("has no IDs in a preview but of what is taken over", async () => {
    const isKnown: unknown[] = [];
    const look = async () => {
      const made = new aws.s3.Bucket("made", {});
      const taken = new aws.s3.Bucket("taken", {}, { import: "bucket-1" });
      for (const { id } of [made, taken]) {
        isKnown.push(await (id as unknown as { isKnown: Promise<boolean> }).isKnown);
      }
    };
    await record(look, true);
    await record(look);
    assert.deepEqual(isKnown, [false, true, true, true]);
  });
});
