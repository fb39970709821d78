import assert from "node:assert/strict";
import { type Ask, Refusal } from "../../../../apps/influx-setup/src/ask.ts";
import { untilAnswered } from "../../../../apps/influx-setup/src/untilAnswered.ts";

/** Asks that fail like this, one after the other, and then succeed; what was said meanwhile. */
async function waitThrough(failures: readonly Error[], deadlineMs = 10_000): Promise<string[]> {
  const left = [...failures];
  const ask: Ask = async () => {
    const failure = left.shift();
    if (failure) throw failure;
    return [];
  };
  let time = 0;
  const said: string[] = [];
  await untilAnswered(ask, {
    deadlineMs,
    now: () => time,
    pause: async (ms) => {
      time += ms;
    },
    say: (line) => said.push(line),
  });
  assert.deepEqual(left, []);
  return said;
}

const away = new Error("connect ECONNREFUSED 127.0.0.1:8086");

describe("waiting for InfluxDB", () => {
  it("ends with its first answer, and says each reason once", async () => {
    const starting = new Refusal(503, "starting");
    assert.deepEqual(await waitThrough([away, away, starting, away]), [
      "waiting: connect ECONNREFUSED 127.0.0.1:8086",
      "waiting: starting",
      "waiting: connect ECONNREFUSED 127.0.0.1:8086",
    ]);
  });

  it("takes being refused for an answer", async () => {
    assert.deepEqual(await waitThrough([new Refusal(401, "who are you")]), []);
  });

  it("fails when the time is over, with the last reason", async () => {
    const more = Array.from({ length: 4 }, () => away);
    await assert.rejects(
      waitThrough(more, 1500),
      new Error("InfluxDB: not reached in time: connect ECONNREFUSED 127.0.0.1:8086"),
    );
  });

  it("fails at once on a certificate that does not hold", async () => {
    const forged = Object.assign(new Error("certificate has expired"), {
      code: "CERT_HAS_EXPIRED",
    });
    await assert.rejects(
      waitThrough([forged]),
      new Error("InfluxDB: certificate has expired (CERT_HAS_EXPIRED)"),
    );
  });
});
