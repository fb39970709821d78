import assert from "node:assert/strict";
import fc from "fast-check";
import { readIgnore } from "../../../../sandbox/plugins/docker/ignore.ts";

// Each row: the file, what is ignored, what is kept.
const TABLE: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["", [], ["a", "a/b"]],
  ["# a\n\n  b  ", ["b", "b/c"], ["a", "ab"]],
  ["/a\n./b/", ["a", "b/c"], ["c/a", "c/b"]],
  ["*.md", ["a.md"], ["d/a.md", "amd", "a.mdx"]],
  ["**/*.md", ["a.md", "d/a.md", "d/e/a.md"], ["a.txt"]],
  ["d/**", ["d/a", "d/e/f"], ["d", "e/d/a"]],
  ["**/d", ["d", "e/d", "e/d/f"], ["ed", "e/df"]],
  ["a?c", ["abc"], ["ac", "a/c", "abbc"]],
  ["a[bc]", ["ab", "ac"], ["ad", "abc"]],
  ["a+(b)", ["a+(b)"], ["aab"]],
  ["a\\*", ["a*"], ["ab"]],
  ["*\n!keep", ["a", "b/c"], ["keep", "keep/a"]],
  ["*\n!keep\nkeep/x", ["keep/x", "keep/x/y"], ["keep/y"]],
  ["!a\na", ["a"], []],
  ["a\r\nb\r\n", ["a", "b"], ["c"]],
];

describe("readIgnore", () => {
  for (const [text, ignored, kept] of TABLE) {
    it(`understands ${JSON.stringify(text)}`, () => {
      const test = readIgnore(text);
      assert.deepEqual(
        ignored.filter((path) => !test(path)),
        [],
      );
      assert.deepEqual(kept.filter(test), []);
    });
  }

  it("takes every name literally that has no special character", () => {
    const name = fc.stringMatching(/^[a-z.+(){}^$|-]{1,8}$/).filter((one) => !/^\.+$/.test(one));
    fc.assert(
      fc.property(name, name, (one, other) => {
        const test = readIgnore(one);
        assert.equal(test(one), true);
        assert.equal(test(`${one}/${other}`), true);
        assert.equal(test(other), other === one);
      }),
    );
  });
});
