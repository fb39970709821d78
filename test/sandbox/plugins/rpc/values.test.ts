import assert from "node:assert/strict";
import type { PropertyMap, PropertyValue } from "../../../../sandbox/plugins/rpc/index.ts";
import {
  isSame,
  memberPath,
  revealKnown,
  Secret,
  UNKNOWN,
} from "../../../../sandbox/plugins/rpc/index.ts";

describe("property values", () => {
  const pairs: [PropertyValue | undefined, PropertyValue | undefined, boolean][] = [
    ["a", "a", true],
    ["a", "b", false],
    ["1", 1, false],
    [undefined, undefined, true],
    [undefined, null, false],
    [new Secret("a"), "a", true],
    [{ a: [new Secret("a")] }, { a: ["a"] }, true],
    [UNKNOWN, UNKNOWN, false],
    [{ a: UNKNOWN }, { a: UNKNOWN }, false],
  ];
  for (const [index, [one, other, expected]] of pairs.entries()) {
    it(`are ${expected ? "" : "not "}the same, as in pair ${index}, either way round`, () => {
      assert.deepEqual([isSame(one, other), isSame(other, one)], [expected, expected]);
    });
  }

  it("of a map are in the clear as far as they are known", () => {
    const map: PropertyMap = { a: new Secret("a"), b: [1, UNKNOWN], c: { d: null } };
    assert.deepEqual(revealKnown(map), { a: "a", c: { d: null } });
  });

  it("go by paths as the engine writes them", () => {
    const paths = [memberPath("", "a"), memberPath("tags", "a_1"), memberPath("tags", "a.b")];
    assert.deepEqual(paths, ["a", "tags.a_1", 'tags["a.b"]']);
  });
});
