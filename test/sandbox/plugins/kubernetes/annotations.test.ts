import assert from "node:assert/strict";
import { wishesOf } from "../../../../sandbox/plugins/kubernetes/annotations.ts";
import { amount } from "../../../../sandbox/plugins/kubernetes/quantity.ts";

function wishes(annotations: Readonly<Record<string, string>>) {
  const full = Object.entries(annotations).map(([name, value]) => [`pulumi.com/${name}`, value]);
  return wishesOf({ metadata: { annotations: Object.fromEntries(full) } });
}

describe("annotations", () => {
  it("default to waiting as usual and deleting in the foreground", () => {
    assert.deepEqual(wishes({}), {
      skipAwait: false,
      force: false,
      timeout: 0,
      fieldManager: "",
      propagation: "Foreground",
      waitFor: [],
      replaceUnready: false,
    });
  });

  it("are read", () => {
    const found = wishes({
      skipAwait: "true",
      timeoutSeconds: "30",
      deletionPropagationPolicy: "orphan",
      waitFor: '["condition=Ready","jsonpath={.status.phase}=Up"]',
    });
    assert.equal(found.skipAwait, true);
    assert.equal(found.timeout, 30);
    assert.equal(found.propagation, "Orphan");
    assert.deepEqual(found.waitFor, ["condition=Ready", "jsonpath={.status.phase}=Up"]);
    assert.deepEqual(wishes({ waitFor: "condition=Ready" }).waitFor, ["condition=Ready"]);
  });

  it("fail when they say what cannot be", () => {
    assert.throws(() => wishes({ timeoutSeconds: "soon" }), {
      message: 'annotation pulumi.com/timeoutSeconds is "soon"; allowed: whole seconds > 0',
    });
    assert.throws(() => wishes({ deletionPropagationPolicy: "gently" }), /allowed: foreground/);
    assert.throws(() => wishes({ waitFor: "[1]" }), /one condition or a JSON list of them/);
  });
});

describe("quantities", () => {
  const cases: readonly [unknown, number | undefined][] = [
    ["500m", 0.5],
    ["0.5", 0.5],
    [2, 2],
    ["1Ki", 1024],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["1e3", 1000],
    ["1E", 1e18],
    ["", undefined],
    ["10 apples", undefined],
    ["0x10", undefined],
  ];
  for (const [quantity, expected] of cases) {
    it(`${JSON.stringify(quantity)} is ${expected}`, () => {
      assert.equal(amount(quantity), expected);
    });
  }
});
