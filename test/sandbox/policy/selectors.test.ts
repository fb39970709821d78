import assert from "node:assert/strict";
import type { Selector } from "../../../sandbox/policy/objects.ts";
import { selects } from "../../../sandbox/policy/selectors.ts";

const labels = { app: "web", tier: "front" };

const cases: readonly (readonly [string, Selector, boolean])[] = [
  ["an empty one chooses everything", {}, true],
  ["a label that is there", { matchLabels: { app: "web" } }, true],
  ["a label with another value", { matchLabels: { app: "db" } }, false],
  ["a label that is not there", { matchLabels: { zone: "a" } }, false],
  ["a label that every object of JavaScript has", { matchLabels: { constructor: "" } }, false],
  ["all labels have to hold", { matchLabels: { app: "web", tier: "back" } }, false],
  ["In", { matchExpressions: [{ key: "app", operator: "In", values: ["db", "web"] }] }, true],
  ["In, another", { matchExpressions: [{ key: "app", operator: "In", values: ["db"] }] }, false],
  ["In, none", { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }, false],
  ["NotIn", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["db"] }] }, true],
  [
    "NotIn, it is",
    { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] },
    false,
  ],
  ["NotIn, none", { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] }, true],
  ["Exists", { matchExpressions: [{ key: "app", operator: "Exists" }] }, true],
  ["Exists, none", { matchExpressions: [{ key: "zone", operator: "Exists" }] }, false],
  ["DoesNotExist", { matchExpressions: [{ key: "zone", operator: "DoesNotExist" }] }, true],
  [
    "DoesNotExist, it does",
    { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] },
    false,
  ],
  [
    "labels and expressions have to hold",
    { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] },
    false,
  ],
];

describe("label selectors", () => {
  for (const [title, selector, expected] of cases) {
    it(title, () => assert.equal(selects(selector, labels), expected));
  }

  it("choose objects without labels", () => {
    assert.equal(selects({}), true);
    assert.equal(selects({ matchExpressions: [{ key: "app", operator: "Exists" }] }), false);
  });

  it("fail on an operator that the API has not got", () => {
    assert.throws(() => selects({ matchExpressions: [{ key: "app", operator: "Is" }] }, labels), {
      message:
        'operator "Is" of a label selector is unknown: use In, NotIn, Exists or DoesNotExist',
    });
  });
});
