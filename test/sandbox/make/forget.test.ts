import assert from "node:assert/strict";
import { forgetImages } from "../../../sandbox/make/forget.ts";
import { type Fakes, startFakes } from "../images/fakes.ts";

describe("forgetting the images of the apps", () => {
  let fakes: Fakes;
  beforeEach(async () => {
    fakes = await startFakes("/nowhere");
  });
  afterEach(() => fakes.close());

  it("deletes every tag of ours, and nothing of others", async () => {
    for (const name of ["web-greetings/api:1", "web-greetings/api:2", "web-greetings/worker:1"]) {
      fakes.registry.set(name, "abc");
    }
    fakes.registry.set("apache/kafka:3.9.1", "abd");
    fakes.registry.set("web-greetings/other:1", "abe");
    await forgetImages(fakes.context.registry);
    assert.deepEqual([...fakes.registry.keys()], ["apache/kafka:3.9.1", "web-greetings/other:1"]);
  });

  it("is done at once where there are none", async () => {
    await forgetImages(fakes.context.registry);
    assert.deepEqual([...fakes.registry.keys()], []);
  });

  it("fails when nothing listens", async () => {
    await assert.rejects(forgetImages("localhost:1"), { message: "fetch failed" });
  });
});
