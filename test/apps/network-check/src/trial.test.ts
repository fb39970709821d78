import assert from "node:assert/strict";
import fc from "fast-check";
import { tryPolicies } from "../../../../apps/network-check/src/trial.ts";

const OPEN = 8080;
const ATTEMPT_MS = 2000;

/** A cluster on a clock of its own: which port answers when (ms), and whether goodbye is heard. */
interface Scene {
  readonly answers: (port: number, at: number) => boolean;
  readonly closed?: readonly number[];
  readonly hearsGoodbye?: boolean;
}

/** Answers come at once; what does not answer costs the time of a whole attempt. */
async function play({ answers, closed = [8081], hearsGoodbye = true }: Scene) {
  let time = 0;
  let dismissed = 0;
  const attempts: number[] = [];
  const result = await tryPolicies(
    { open: OPEN, closed },
    {
      answers: async (port) => {
        attempts.push(port);
        const does = answers(port, time);
        if (!does) time += ATTEMPT_MS;
        return does;
      },
      dismiss: async () => {
        dismissed++;
        return hearsGoodbye;
      },
      now: () => time,
      pause: async (ms) => {
        time += ms;
      },
    },
  );
  const tries = (port: number) => attempts.filter((each) => each === port).length;
  return { result, seconds: time / 1000, tries, dismissed };
}

describe("a trial of the network policies", () => {
  it("says enforced after three failures in a row", async () => {
    const { result, tries, dismissed } = await play({ answers: (port) => port === OPEN });
    assert.deepEqual([result, tries(8081), dismissed], ["enforced", 3, 1]);
  });

  it("says NOT ENFORCED when the closed port still answers after 30 s", async () => {
    const { result, seconds, dismissed } = await play({ answers: () => true });
    assert.deepEqual([result, dismissed], ["NOT ENFORCED", 1]);
    assert.ok(seconds >= 30 && seconds < 31, `${seconds} s`);
  });

  for (const late of [25_000, 29_900]) {
    it(`gives rules that take effect after ${late} ms the time that they need`, async () => {
      const { result } = await play({ answers: (port, at) => port === OPEN || at < late });
      assert.equal(result, "enforced");
    });
  }

  it("does not take accidents for rules", async () => {
    let attempt = 0;
    const { result } = await play({ answers: (port) => port === OPEN || ++attempt % 3 === 0 });
    assert.equal(result, "NOT ENFORCED");
  });

  it("says NOT ENFORCED when one of the closed ports is open", async () => {
    const { result } = await play({ answers: (port) => port !== 8082, closed: [8081, 8082] });
    assert.equal(result, "NOT ENFORCED");
  });

  it("waits for the server, and says so when it does not come", async () => {
    const late = await play({ answers: (port, at) => port === OPEN && at > 50_000 });
    assert.equal(late.result, "enforced");
    const never = await play({ answers: () => false });
    assert.equal(never.result, "not tried: the server's open port 8080 did not answer within 60 s");
    assert.deepEqual([never.tries(8081), never.dismissed], [0, 0]);
  });

  it("does not take a server that is gone for one that is guarded", async () => {
    const { result } = await play({ answers: (port) => port === OPEN, hearsGoodbye: false });
    assert.equal(result, "not tried: the server's open port 8080 stopped to answer");
  });

  it("ends within 2 minutes with one of its three results, whatever the network does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1 }), async (pattern) => {
        let attempt = 0;
        const answers = () => pattern[attempt++ % pattern.length] ?? false;
        const { result, seconds } = await play({ answers, closed: [8081, 8082] });
        assert.match(result, /^(enforced|NOT ENFORCED|not tried: .+)$/);
        assert.ok(seconds <= 120, `${seconds} s`);
      }),
    );
  });
});
