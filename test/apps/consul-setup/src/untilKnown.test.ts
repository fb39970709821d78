import assert from "node:assert/strict";
import { untilKnown } from "../../../../apps/consul-setup/src/untilKnown.ts";

/** Waits for a Consul that gives these answers, the last one for ever; "" is the good one. */
async function wait(answers: readonly string[], deadlineMs: number) {
  const lines: string[] = [];
  const asked: string[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    pause: async (ms: number) => {
      now += ms;
    },
  };
  const call = async (method: string, path: string) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(`${method} ${path}`);
    if (answer) throw new Error(answer);
  };
  const error = await untilKnown(call, clock, deadlineMs, (line) => lines.push(line)).then(
    () => "",
    ({ message }: Error) => message,
  );
  return { error, lines, asked, now };
}

describe("waiting for Consul", () => {
  it("ends with the first good answer, which nothing is said of", async () => {
    assert.deepEqual(await wait([""], 1000), {
      error: "",
      lines: [],
      asked: ["GET /v1/acl/token/self"],
      now: 0,
    });
  });

  it("asks twice a second, and says each reason once as long as it lasts", async () => {
    const { error, lines, now } = await wait(["no answer", "no answer", "no leader", ""], 9000);
    assert.equal(error, "");
    assert.deepEqual(lines, ["waiting: no answer", "waiting: no leader"]);
    assert.equal(now, 1500);
  });

  it("ends at its deadline with the last reason", async () => {
    const { error, now } = await wait(["no answer", "no leader"], 2000);
    assert.equal(error, "consul did not know its management token in time: no leader");
    assert.equal(now, 2000);
  });
});
