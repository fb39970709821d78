import assert from "node:assert/strict";
import { compare } from "bcryptjs";
import fc from "fast-check";
import { bridgedProvider } from "../../../../sandbox/plugins/bridged/provider.ts";
import { RANDOM_KINDS } from "../../../../sandbox/plugins/random/kinds.ts";
import { bare, type PropertyMap, Secret } from "../../../../sandbox/plugins/rpc/index.ts";
import { describeContract } from "../bridged/contract.ts";
import { Driver } from "../bridged/drive.ts";

describeContract("random", RANDOM_KINDS);

function kind(name: string): Driver {
  const token = `random:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
  return new Driver(bridgedProvider("random", RANDOM_KINDS), token);
}

describe("RandomPassword", () => {
  it("has a secret result and its bcrypt hash, and an ID that tells nothing", async () => {
    const { id, state } = await kind("RandomPassword").create({ length: 20 });
    assert.equal(id, "none");
    assert.ok(state.result instanceof Secret && state.bcryptHash instanceof Secret);
    const hash = String(bare(state.bcryptHash));
    assert.match(hash, /^\$2b\$10\$/);
    assert.equal(await compare(String(bare(state.result)), hash), true);
    assert.equal(await compare("something else", hash), false);
  });

  it("is different each time", async () => {
    const passwords = kind("RandomPassword");
    const first = await passwords.create({ length: 20 });
    const second = await passwords.create({ length: 20 });
    assert.notEqual(bare(first.state.result), bare(second.state.result));
  });

  it("hashes the first 72 bytes of a long one", async () => {
    const { state } = await kind("RandomPassword").create({ length: 100 });
    const start = String(bare(state.result)).slice(0, 72);
    assert.equal(await compare(start, String(bare(state.bcryptHash))), true);
  });

  it("is replaced when a keeper changes", async () => {
    const passwords = kind("RandomPassword");
    const { state } = await passwords.create({ length: 8, keepers: { turn: "1" } });
    const diff = await passwords.diff({}, state, { length: 8, keepers: { turn: "2" } });
    assert.deepEqual(diff.detailed, { "keepers.turn": "update-replace" });
    assert.deepEqual(diff.replaces, ["keepers"]);
  });

  it("is imported by its value", async () => {
    const found = await kind("RandomPassword").read("pa55word");
    assert.equal(found.id, "none");
    assert.deepEqual(found.inputs, { length: 8 });
    assert.deepEqual(found.state.result, new Secret("pa55word"));
    assert.equal(await compare("pa55word", String(bare(found.state.bcryptHash))), true);
  });
});

describe("RandomString", () => {
  it("is its own ID and open", async () => {
    const { id, state } = await kind("RandomString").create({ length: 5 });
    assert.equal(state.result, id);
    assert.equal(id.length, 5);
  });

  it("keeps to its rules, whatever they are", async () => {
    const count = fc.integer({ min: 0, max: 4 });
    const rules = fc
      .record({
        extra: fc.integer({ min: 1, max: 20 }),
        minLower: count,
        minUpper: count,
        minNumeric: count,
        minSpecial: count,
        lower: fc.boolean(),
        upper: fc.boolean(),
        numeric: fc.boolean(),
        special: fc.boolean(),
      })
      .filter((one) => one.lower || one.upper || one.numeric || one.special);
    const strings = kind("RandomString");
    const classes = { Lower: /[a-z]/g, Upper: /[A-Z]/g, Numeric: /[0-9]/g, Special: /[*+]/g };
    await fc.assert(
      fc.asyncProperty(rules, async ({ extra, ...given }) => {
        const { minLower, minUpper, minNumeric, minSpecial } = given;
        const length = extra + minLower + minUpper + minNumeric + minSpecial;
        const { id } = await strings.create({ ...given, length, overrideSpecial: "*+" });
        assert.equal(id.length, length);
        for (const [name, pattern] of Object.entries(classes)) {
          const found = [...id.matchAll(pattern)].length;
          const least = Number(given[`min${name}` as keyof typeof given]);
          const wanted = given[name.toLowerCase() as keyof typeof given];
          assert.ok(wanted ? found >= least : found === least, `${name} in ${id}`);
        }
      }),
    );
  });

  it("spreads required characters over all places", async () => {
    const strings = kind("RandomString");
    const inputs = { length: 10, minNumeric: 1, numeric: false, upper: false, special: false };
    const places = new Set<number>();
    for (let turn = 0; turn < 400; turn += 1) {
      places.add((await strings.create(inputs)).id.search(/[0-9]/));
    }
    assert.equal(places.size, 10);
  });

  const refused: readonly (readonly [string, PropertyMap, RegExp])[] = [
    ["it is empty", { length: 0 }, /^length: got 0; allowed: at least 1 /],
    ["it is shorter than it must", { length: 3, minLower: 2, minUpper: 2 }, /^length: got 3.* 4$/],
    ["a least count is negative", { length: 3, minLower: -1 }, /^minLower: got -1; allowed: 0 or/],
    [
      "every class is off",
      { length: 3, lower: false, upper: false, numeric: false, special: false },
      /^numeric: upper, lower, numeric and special are all false/,
    ],
    [
      "its two names differ",
      { length: 3, number: true, numeric: false },
      /^number: number and num/,
    ],
    [
      "special ones are foreign",
      { length: 3, overrideSpecial: "ü" },
      /^overrideSpecial: holds char/,
    ],
  ];
  for (const [what, inputs, message] of refused) {
    it(`fails when ${what}`, async () => {
      await assert.rejects(kind("RandomString").check(inputs), { message });
    });
  }
});

describe("RandomBytes", () => {
  it("tells the same bytes in two notations, as secrets", async () => {
    const { id, state } = await kind("RandomBytes").create({ length: 32 });
    assert.ok(state.base64 instanceof Secret && state.hex instanceof Secret);
    const bytes = Buffer.from(String(bare(state.base64)), "base64");
    assert.equal(bytes.length, 32);
    assert.equal(bytes.toString("hex"), bare(state.hex));
    assert.equal(id, bare(state.base64));
  });

  it("is imported by its base64", async () => {
    const found = await kind("RandomBytes").read("AAEC/w==");
    assert.deepEqual(found.inputs, { length: 4 });
    assert.deepEqual(found.state.hex, new Secret("000102ff"));
  });

  it("fails when an import is no base64, without showing it", async () => {
    await assert.rejects(kind("RandomBytes").read("hunter2!"), {
      message: "got an ID that is not in base64; allowed: at least one byte in base64",
    });
  });

  it("fails when no byte is asked for", async () => {
    const message = "length: got 0; allowed: 1 or more";
    await assert.rejects(kind("RandomBytes").check({ length: 0 }), { message });
  });
});

describe("RandomId", () => {
  it("tells the same bytes in every notation", async () => {
    const { id, state } = await kind("RandomId").create({ byteLength: 5, prefix: "web-" });
    const hex = Buffer.from(id, "base64url").toString("hex");
    assert.equal(hex.length, 10);
    assert.deepEqual(state, {
      byteLength: 5,
      prefix: "web-",
      b64Std: `web-${Buffer.from(hex, "hex").toString("base64")}`,
      b64Url: `web-${id}`,
      dec: `web-${BigInt(`0x${hex}`)}`,
      hex: `web-${hex}`,
    });
  });

  it("is imported with and without a prefix", async () => {
    const plain = await kind("RandomId").read("p-9hUg");
    assert.deepEqual(plain.inputs, { byteLength: 4 });
    assert.equal(plain.state.hex, "a7ef6152");
    const prefixed = await kind("RandomId").read("my-prefix-,p-9hUg");
    assert.equal(prefixed.id, "p-9hUg");
    assert.deepEqual(prefixed.inputs, { byteLength: 4, prefix: "my-prefix-" });
    assert.equal(prefixed.state.hex, "my-prefix-a7ef6152");
  });
});

describe("RandomUuid", () => {
  it("is a UUID of version 4 and its own ID", async () => {
    const { id, state } = await kind("RandomUuid").create({});
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(state.result, id);
  });

  it("fails when an import is no UUID", async () => {
    const message = "got nobody; allowed: a UUID in lower case with hyphens";
    await assert.rejects(kind("RandomUuid").read("nobody"), { message });
  });
});

describe("RandomInteger", () => {
  it("lies within its bounds, both included", async () => {
    const found = new Set<unknown>();
    for (let turn = 0; turn < 200; turn += 1) {
      const { id, state } = await kind("RandomInteger").create({ min: -1, max: 1 });
      assert.equal(id, String(state.result));
      found.add(state.result);
    }
    assert.deepEqual([...found].sort(), [-1, 0, 1]);
  });

  it("is imported with its bounds", async () => {
    const found = await kind("RandomInteger").read("15390,1,50000");
    assert.deepEqual(found.inputs, { min: 1, max: 50000 });
    assert.equal(found.state.result, 15390);
    assert.equal(found.id, "15390");
  });

  const refused: readonly (readonly [string, PropertyMap, RegExp])[] = [
    ["min is above max", { min: 2, max: 1 }, /^min: got 2; allowed: at most max, 1$/],
    ["the range is too wide", { min: 0, max: 2 ** 48 }, /^max: got 281474976710656; allowed: less/],
    ["it has a seed", { min: 0, max: 1, seed: "s" }, /^seed: the stand-in cannot draw/],
  ];
  for (const [what, inputs, message] of refused) {
    it(`fails when ${what}`, async () => {
      await assert.rejects(kind("RandomInteger").check(inputs), { message });
    });
  }

  it("fails when an import is malformed", async () => {
    const message = 'got 1,2; allowed: "result,min,max"';
    await assert.rejects(kind("RandomInteger").read("1,2"), { message });
  });
});
