import assert from "node:assert/strict";
import type {
  Surroundings,
  Verdict,
} from "../../../../../sandbox/plugins/kubernetes/await/verdict.ts";
import { waitUntilReady } from "../../../../../sandbox/plugins/kubernetes/await/wait.ts";

const NOTHING: Surroundings = { list: async () => [], find: async () => undefined };

async function run(
  verdicts: readonly Verdict[],
  options: { timeout?: number; cancel?: boolean; gone?: boolean } = {},
) {
  const said: string[] = [];
  const cancelled = new AbortController();
  let looks = 0;
  const judge = (): Verdict => {
    if (options.cancel) cancelled.abort();
    return verdicts[Math.min(looks++, verdicts.length - 1)] ?? { state: "ready" };
  };
  const { reasons } = await waitUntilReady(
    { kind: "Thing" },
    { judge, timeout: 1 },
    {
      read: async () => (options.gone ? undefined : { kind: "Thing" }),
      around: NOTHING,
      say: (message) => said.push(message),
      signal: cancelled.signal,
      timeout: options.timeout ?? 5,
    },
  );
  return { said, reasons };
}

const WAITING: Verdict = { state: "waiting", message: "not yet" };

describe("waiting", () => {
  it("ends when the object is ready, having said each thing once", async () => {
    const verdicts: Verdict[] = [WAITING, WAITING, { state: "ready" }];
    assert.deepEqual(await run(verdicts), { said: ["not yet", ""], reasons: [] });
  });

  it("ends at once when it has failed", async () => {
    const { reasons } = await run([{ state: "failed", message: "never" }]);
    assert.deepEqual(reasons, ["never"]);
  });

  it("ends when the time is over", async () => {
    const { reasons } = await run([WAITING], { timeout: 0.2 });
    assert.deepEqual(reasons, ["timed out after 0.2 s: not yet"]);
  });

  it("ends when the user cancels", async () => {
    const { reasons } = await run([WAITING], { cancel: true });
    assert.deepEqual(reasons, ["cancelled after 0 s while waiting: not yet"]);
  });

  it("ends when somebody deletes the object", async () => {
    const { reasons } = await run([WAITING], { gone: true });
    assert.deepEqual(reasons, ["the object was deleted while it was awaited"]);
  });
});
