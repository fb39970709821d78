import assert from "node:assert/strict";
import { createLogger } from "../../../../apps/shared/log.ts";
import { Leaders } from "../../../../apps/worker/src/leaders.ts";
import { FakeGroup } from "./fakeGroup.ts";

function setUp() {
  const group = new FakeGroup();
  return { group, leaders: new Leaders(group, createLogger("test", "silent", 2)) };
}

describe("the leaders of a topic", () => {
  it("are those that the brokers named last", async () => {
    const { group, leaders } = setUp();
    assert.equal(leaders.of(0), undefined);
    group.leaderList = [2, -1];
    await leaders.refresh();
    assert.deepEqual([leaders.of(0), leaders.of(1), leaders.of(2)], [2, undefined, undefined]);
    group.leaderList = [0, 1];
    await leaders.refresh();
    assert.deepEqual([leaders.of(0), leaders.of(1)], [0, 1]);
  });

  it("stay as they were when nobody answers", async () => {
    const { group, leaders } = setUp();
    await leaders.refresh();
    group.leaders = () => Promise.reject(new Error("connection refused"));
    await leaders.refresh();
    assert.equal(leaders.of(1), 1);
  });

  it("make the group divide itself anew when there are more of them, once and not at first", async () => {
    const { group, leaders } = setUp();
    await leaders.refresh();
    await leaders.refresh();
    assert.equal(group.rejoins, 0);
    group.leaderList = [0, 1, 2];
    await leaders.refresh();
    await leaders.refresh();
    assert.equal(group.rejoins, 1);
  });
});
