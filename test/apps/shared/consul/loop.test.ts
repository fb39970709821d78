import assert from "node:assert/strict";
import { runLoop } from "../../../../apps/shared/consul/loop.ts";
import { ConsulError } from "../../../../apps/shared/consul.ts";
import { keptLog } from "./logs.ts";
import { StepClock } from "./stepClock.ts";

const away = new ConsulError("GET /v1/a was not answered: connect ECONNREFUSED");
const noLeader = new ConsulError("GET /v1/a was answered 500: No cluster leader", 500);
const denied = new ConsulError("GET /v1/a was answered 403: Permission denied", 403);

/** Runs a loop whose turns end as told, and gives its pauses and its log. */
async function play(turns: readonly (Error | number)[]) {
  const clock = new StepClock();
  const { log, lines } = keptLog();
  const stopped = new AbortController();
  let next = 0;
  const turn = async (): Promise<number> => {
    const end = turns[next++] ?? 7;
    if (end instanceof Error) throw end;
    return end;
  };
  const running = runLoop({ name: "work", turn, clock, log }, stopped.signal);
  const pauses: number[] = [];
  while (pauses.length < turns.length) pauses.push(await clock.step());
  await clock.paused();
  stopped.abort();
  await running;
  return { pauses, lines };
}

describe("a loop of work on Consul", () => {
  it("pauses as long as its work says", async () => {
    assert.deepEqual(await play([1000, 100, 1000]), { pauses: [1000, 100, 1000], lines: [] });
  });

  it("finds Consul that is back within 2 s, and speaks twice of the time between", async () => {
    const { pauses, lines } = await play([1000, away, noLeader, away, away, away, away, 1000]);
    assert.deepEqual(pauses, [1000, 100, 200, 400, 800, 800, 800, 1000]);
    const reason = "GET /v1/a was not answered: connect ECONNREFUSED";
    assert.deepEqual(lines, [
      ["warn", "consul: work failed, and is tried until it works", { reason }],
      ["info", "consul: work works again"],
    ]);
  });

  it("begins with short pauses again after each success", async () => {
    const { pauses, lines } = await play([away, away, 1000, away]);
    assert.deepEqual(pauses, [100, 200, 1000, 100]);
    assert.deepEqual(
      lines.map(([level]) => level),
      ["warn", "info", "warn", "info"],
    );
  });

  it("asks ever more seldom where it is refused, and says that it is now refused", async () => {
    const { pauses, lines } = await play([away, denied, denied, denied, denied, denied, denied]);
    assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 3200, 5000]);
    assert.deepEqual(
      lines.map(([, , fields]) => fields),
      [{ reason: away.message }, { reason: denied.message }, undefined],
    );
  });

  it("goes on after any other error", async () => {
    const { pauses, lines } = await play([new TypeError("broken"), 1000]);
    assert.deepEqual(pauses, [100, 1000]);
    assert.deepEqual(lines[0]?.[2], { reason: "broken" });
  });

  it("finishes the turn in hand when it is stopped, and says nothing of its failure", async () => {
    const { log, lines } = keptLog();
    const stopped = new AbortController();
    let fail: (error: Error) => void = () => {};
    const turn = (): Promise<number> =>
      new Promise((_resolve, reject) => {
        fail = reject;
      });
    const loop = { name: "work", turn, clock: new StepClock(), log };
    let ended = false;
    const running = runLoop(loop, stopped.signal).then(() => {
      ended = true;
    });
    stopped.abort();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ended, false);
    fail(away);
    await running;
    assert.deepEqual(lines, []);
  });
});
