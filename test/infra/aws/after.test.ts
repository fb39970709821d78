import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { after } from "../../../infra/aws/after.ts";
import { neededBy } from "../../graph.ts";
import { record } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";

function program() {
  const route = new aws.sns.Topic("route", {});
  new aws.sns.Topic("user", { displayName: after("subnet-1", [route]) });
}

describe("after", () => {
  it("hands a value on and makes its users come after the resources", async () => {
    const resources = await record(program);
    assert.equal(inputsOf(resources, "Topic", "user").displayName, "subnet-1");
    assert.deepEqual([...neededBy(resources, "Topic user")], ["Topic route"]);
  });

  it("keeps the value known in a preview that is yet to make the resources", async () => {
    const isPreview = true;
    const resources = await record(program, isPreview);
    assert.equal(inputsOf(resources, "Topic", "user").displayName, "subnet-1");
  });
});
