import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { createKey, type KeyArgs } from "../../../infra/aws/keys.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, protectedIn, recordAws } from "./recordAws.ts";

/** What is recorded of a key, and what of it is protected. */
async function key(wishes: Partial<KeyArgs> = {}) {
  const resources = await recordAws((opts) => {
    const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
    createKey("volumes", { purpose: "volumes of the pods", retain: true, ...wishes }, parent);
  });
  return { resources, isProtected: protectedIn(resources) };
}

describe("key", () => {
  it("is turned over, has an alias, and is kept with what it encrypts", async () => {
    const { resources, isProtected } = await key();
    assert.deepEqual(namesOf(resources), ["Alias volumes", "Key volumes", "Parent parent"]);
    assert.deepEqual(inputsOf(resources, "Key", "volumes"), {
      description: "volumes of the pods",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    });
    assert.deepEqual(inputsOf(resources, "Alias", "volumes"), {
      name: "alias/web-greetings-dev-volumes",
      targetKeyId: "volumes-id",
    });
    assert.deepEqual(isProtected, ["Key volumes"]);
  });

  it("goes as soon as AWS lets it where nothing is retained", async () => {
    const { resources, isProtected } = await key({ retain: false });
    assert.equal(inputsOf(resources, "Key", "volumes").deletionWindowInDays, 7);
    assert.deepEqual(isProtected, []);
  });

  it("carries the policy that it is given", async () => {
    const { resources } = await key({ policy: pulumi.output('{"Statement":[]}') });
    assert.equal(inputsOf(resources, "Key", "volumes").policy, '{"Statement":[]}');
  });
});
