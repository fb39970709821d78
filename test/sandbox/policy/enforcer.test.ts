import assert from "node:assert/strict";
import { Enforcer, type Plan } from "../../../sandbox/policy/enforcer.ts";
import { until } from "../../until.ts";

describe("enforcer", () => {
  let plan: Plan | string;
  let loaded: string[];
  let logged: string[];
  /** Called by each load, before it is done. */
  let onLoad: () => Promise<void>;
  let enforcer: Enforcer;

  const planOf = (text: string, stale?: string): Plan => ({
    text,
    pods: new Map([["10.201.0.2", text]]),
    stale,
  });
  const stands = (text: string, milliseconds = 5000) =>
    enforcer.stands("10.201.0.2", text, milliseconds);

  beforeEach(() => {
    plan = planOf("one");
    loaded = [];
    logged = [];
    onLoad = async () => undefined;
    enforcer = new Enforcer({
      plan: () => plan,
      load: async (text) => {
        await onLoad();
        loaded.push(text);
      },
      log: (line) => logged.push(line),
      gather: 1,
      retry: 5,
    });
  });

  it("gathers changes into one load", async () => {
    for (let n = 0; n < 100; n += 1) enforcer.changed();
    await stands("one");
    assert.deepEqual(loaded, ["one"]);
    assert.equal(enforcer.problem(), undefined);
    assert.match(logged.join(), /^rules of 1 pods loaded in \d+ ms$/);
  });

  it("loads nothing where the text has not changed", async () => {
    enforcer.changed();
    await stands("one");
    plan = { ...planOf("one"), pods: new Map([["10.201.0.2", "same text"]]) };
    enforcer.changed();
    await stands("same text");
    assert.deepEqual(loaded, ["one"]);
  });

  it("runs one load at a time, and then one with the newest state", async () => {
    let running = 0;
    const gate: (() => void)[] = [];
    onLoad = async () => {
      running += 1;
      assert.equal(running, 1);
      await new Promise<void>((resolve) => gate.push(resolve));
      running -= 1;
    };
    enforcer.changed();
    await until("the first load runs", 5, () => gate.length === 1);
    for (const text of ["two", "three", "four"]) {
      plan = planOf(text);
      enforcer.changed();
    }
    gate[0]?.();
    await until("the second load runs", 5, () => gate.length === 2);
    gate[1]?.();
    await stands("four");
    assert.deepEqual(loaded, ["one", "four"]);
  });

  it("tries again with the newest state after a failure, and says so", async () => {
    onLoad = async () => {
      plan = planOf("two");
      onLoad = async () => undefined;
      throw new Error("no such set");
    };
    enforcer.changed();
    await until("the failure", 5, () => enforcer.problem() === "no such set");
    await stands("two");
    assert.deepEqual(loaded, ["two"]);
    assert.equal(logged[0], "the rules stay as they were: no such set");
    assert.equal(enforcer.problem(), undefined);
  });

  it("tries again when no plan can be made", async () => {
    const broken = new Enforcer({
      plan: () => {
        if (logged.length < 2) throw new Error("unknown operator");
        return plan;
      },
      load: async (text) => void loaded.push(text),
      log: (line) => logged.push(line),
      gather: 1,
      retry: 1,
    });
    broken.changed();
    await broken.stands("10.201.0.2", "one", 5000);
    assert.deepEqual(logged.slice(0, 2), [
      "the rules stay as they were: unknown operator",
      "the rules stay as they were: unknown operator",
    ]);
  });

  it("loads again what was lost", async () => {
    enforcer.changed();
    await stands("one");
    enforcer.lost();
    await until("the second load", 5, () => loaded.length === 2);
    assert.deepEqual(loaded, ["one", "one"]);
  });

  it("has a pod wait until its rules stand", async () => {
    enforcer.changed();
    await stands("one");
    const waiting = stands("two");
    plan = planOf("two");
    enforcer.changed();
    await waiting;
    assert.deepEqual(loaded, ["one", "two"]);
  });

  it("has a pod wait while changes may be missed", async () => {
    plan = planOf("one", "the pods are not watched");
    enforcer.changed();
    await until("the load", 5, () => loaded.length === 1);
    await assert.rejects(stands("one", 20), {
      message: "not within 0.02 s: the pods are not watched",
    });
    assert.equal(enforcer.problem(), "the pods are not watched");
    plan = planOf("one");
    enforcer.changed();
    await stands("one");
    assert.deepEqual(loaded, ["one"]);
  });

  it("says why a pod waited in vain", async () => {
    plan = "the policies were not read yet";
    enforcer.changed();
    await assert.rejects(stands("one", 20), {
      message: "not within 0.02 s: the policies were not read yet",
    });
    plan = planOf("one");
    enforcer.changed();
    await stands("one");
    await assert.rejects(stands("two", 20), {
      message: "not within 0.02 s: pod two is not known at 10.201.0.2",
    });
  });
});
