import assert from "node:assert/strict";
import { Pace } from "../../../../apps/api/src/pace.ts";
import { ManualClock } from "./manualClock.ts";

const LINGER_MS = 5;

/** A leader whose requests end when the test says so. */
function setUp() {
  const clock = new ManualClock();
  const sent: number[] = [];
  const state = { waiting: 0, answer: (_good: boolean): void => {} };
  const send = (): Promise<boolean> => {
    sent.push(state.waiting);
    state.waiting = 0;
    return new Promise((resolve) => {
      state.answer = resolve;
    });
  };
  const pace = new Pace({ waiting: () => state.waiting, send }, clock, LINGER_MS);
  const come = (count: number): void => {
    for (let i = 0; i < count; i++) {
      state.waiting++;
      pace.kick();
    }
  };
  return { clock, sent, state, pace, come };
}

describe("the pace of a leader", () => {
  it("sends at the end of the turn all that came in it", async () => {
    const { clock, sent, come } = setUp();
    come(3);
    assert.deepEqual(sent, []);
    await clock.pass(0);
    assert.deepEqual(sent, [3]);
  });

  it("sends nothing while a request is on its way, and then all that came meanwhile", async () => {
    const { clock, sent, state, come } = setUp();
    come(1);
    await clock.pass(0);
    come(10);
    await clock.pass(1000);
    assert.deepEqual(sent, [1]);
    state.answer(true);
    await clock.pass(0);
    assert.deepEqual(sent, [1, 10]);
  });

  it("lingers for as many as the last request carried, and no longer than it may", async () => {
    const { clock, sent, state, come } = setUp();
    come(3);
    await clock.pass(0);
    state.answer(true);
    await clock.pass(0);
    come(2);
    await clock.pass(LINGER_MS - 1);
    assert.deepEqual(sent, [3]);
    come(1);
    await clock.pass(0);
    assert.deepEqual(sent, [3, 3], "as many as before: at once");
    state.answer(true);
    await clock.pass(LINGER_MS);
    come(1);
    await clock.pass(LINGER_MS - 1);
    assert.deepEqual(sent, [3, 3], "a timer of before is of no account");
    await clock.pass(1);
    assert.deepEqual(sent, [3, 3, 1]);
  });

  it("waits for nobody after a request that failed", async () => {
    const { clock, sent, state, come } = setUp();
    come(3);
    await clock.pass(0);
    state.waiting = 3;
    state.answer(false);
    await clock.pass(0);
    assert.deepEqual(sent, [3, 3]);
    state.answer(false);
    await clock.pass(0);
    come(1);
    await clock.pass(0);
    assert.deepEqual(sent, [3, 3, 1]);
  });

  it("sends no request without texts", async () => {
    const { clock, sent, pace, come } = setUp();
    pace.kick();
    await clock.pass(1000);
    assert.deepEqual(sent, []);
    come(1);
    await clock.pass(0);
    assert.deepEqual(sent, [1]);
  });
});
