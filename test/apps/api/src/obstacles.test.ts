import assert from "node:assert/strict";
import { Publisher } from "../../../../apps/api/src/publisher.ts";
import { PublishError } from "../../../../apps/api/src/publishing.ts";
import { createLogger } from "../../../../apps/shared/log.ts";
import { FakeBrokers } from "./fakeBrokers.ts";
import { ManualClock } from "./manualClock.ts";

const options = {
  deadlineMs: 1000,
  maxPending: 50,
  maxPendingBytes: 1000,
  maxBatchBytes: 100,
  lingerMs: 5,
  retryMs: 100,
  metadataMs: 30_000,
};

function setUp(prepare: (brokers: FakeBrokers) => void) {
  const clock = new ManualClock();
  const brokers = new FakeBrokers();
  prepare(brokers);
  const publisher = new Publisher(brokers, options, createLogger("test", "silent", 2), clock);
  return { clock, brokers, publisher };
}

describe("what is in the publisher's way", () => {
  it("is that the brokers are not known yet, and texts are refused at once", async () => {
    const { clock, brokers, publisher } = setUp((fake) => {
      fake.away = true;
    });
    assert.equal(publisher.obstacle, "no broker answers");
    publisher.start();
    await clock.pass(500);
    assert.equal(publisher.obstacle, "no broker answers");
    await assert.rejects(
      publisher.publish(Buffer.from("a")),
      new PublishError("unavailable", "the brokers are not known yet"),
    );
    assert.equal(publisher.pending, 0);
    brokers.away = false;
    await clock.pass(2 * options.retryMs);
    assert.equal(publisher.obstacle, undefined);
  });

  it("is that no partition has a leader, and texts wait for one", async () => {
    const { clock, brokers, publisher } = setUp((fake) => {
      fake.leaderList = [-1, -1];
    });
    publisher.start();
    await clock.pass(1);
    assert.equal(publisher.obstacle, "no leader of the topic is reachable");
    let published = false;
    const publishing = publisher.publish(Buffer.from("a")).then(() => {
      published = true;
    });
    await clock.pass(500);
    assert.equal(published, false);
    brokers.leaderList = [0, -1];
    await clock.pass(2 * options.retryMs);
    await publishing;
    assert.equal(publisher.obstacle, undefined);
  });

  it("is over for a partition whose leader failed once nothing is left that could show it", async () => {
    const { clock, brokers, publisher } = setUp((fake) => {
      fake.leaderList = [0];
    });
    publisher.start();
    await clock.pass(1);
    brokers.answer = () => Promise.reject(new Error("connection reset"));
    const refused = assert.rejects(publisher.publish(Buffer.from("a")), PublishError);
    await clock.pass(options.deadlineMs - 100);
    assert.equal(publisher.obstacle, "no leader of the topic is reachable");
    await clock.pass(3 * options.deadlineMs);
    await refused;
    assert.equal(publisher.obstacle, undefined);
  });
});
