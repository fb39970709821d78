import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatAddress,
  includes,
  merge,
  parseAddress,
  parseBlock,
  type Range,
  subtract,
} from "../../../sandbox/policy/ranges.ts";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const small = fc.integer({ min: 0, max: 30 });
const range = fc
  .tuple(small, small)
  .map(([a, b]): Range => ({ first: Math.min(a, b), last: Math.max(a, b) }));

/** Every number that a range of the tests can have, and one on each side. */
const numbers = Array.from({ length: 33 }, (_, index) => index - 1);

describe("ranges", () => {
  it("write addresses as they read them", () => {
    fc.assert(
      fc.property(address, (number) => {
        assert.equal(parseAddress(formatAddress(number)), number);
      }),
    );
    assert.equal(formatAddress(0x0ac9_0102), "10.201.1.2");
    for (const text of ["", "10.0.0", "10.0.0.256", "10.0.0.0.0", "::1", " 10.0.0.1"]) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });

  it("read blocks of addresses, whatever is in the host's part", () => {
    const block = (cidr: string) => {
      const found = parseBlock(cidr);
      return found && [formatAddress(found.first), formatAddress(found.last)];
    };
    assert.deepEqual(block("172.17.0.0/16"), ["172.17.0.0", "172.17.255.255"]);
    assert.deepEqual(block("10.201.0.99/28"), ["10.201.0.96", "10.201.0.111"]);
    assert.deepEqual(block("192.168.1.7/32"), ["192.168.1.7", "192.168.1.7"]);
    assert.deepEqual(block("0.0.0.0/0"), ["0.0.0.0", "255.255.255.255"]);
    for (const cidr of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "::/0", "fe80::/10"]) {
      assert.equal(block(cidr), undefined, cidr);
    }
  });

  it("merge without a change of what they hold", () => {
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        const merged = merge(ranges);
        for (const number of numbers) {
          assert.equal(includes(merged, number), includes(ranges, number));
        }
        for (const [index, { first }] of merged.entries()) {
          const previous = merged[index - 1];
          assert.ok(!previous || previous.last + 1 < first);
        }
      }),
    );
  });

  it("subtract what the others hold, and nothing else", () => {
    fc.assert(
      fc.property(range, fc.array(range), (whole, holes) => {
        const left = subtract(whole, holes);
        for (const number of numbers) {
          const expected = includes([whole], number) && !includes(holes, number);
          assert.equal(includes(left, number), expected);
        }
        assert.deepEqual(merge(left), left);
      }),
    );
  });
});
