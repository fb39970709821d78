import assert from "node:assert/strict";
import type { Kind } from "../../../../sandbox/plugins/bridged/kind.ts";
import { bridgedProvider } from "../../../../sandbox/plugins/bridged/provider.ts";
import { Secret, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";
import { Driver } from "./drive.ts";

const TYPE = "test:index/thing:Thing";

// Counts what it makes, so that a test sees whether something was made anew.
function thing(): Driver {
  let made = 0;
  const kind: Kind = {
    fields: {
      size: { type: "number", required: true },
      title: { type: "string", default: "none" },
      keepers: { type: "string-map" },
      tags: { type: "strings" },
      key: { type: "string", secret: true },
      note: { type: "string", inPlace: true },
      heavy: { type: "boolean", default: true, alias: "weighty" },
      weighty: { type: "boolean", default: true, alias: "heavy" },
      exotic: { type: "string", refused: "only the real plugin takes it" },
    },
    outputs: { text: "open", token: "secret" },
    async make(values) {
      made += 1;
      return { id: `thing-${made}`, outputs: { text: `${values.size}`, token: `token-${made}` } };
    },
  };
  return new Driver(bridgedProvider("test", { [TYPE]: kind }), TYPE);
}

describe("a bridged provider", () => {
  it("keeps inputs, defaults and outputs in the state, with secrets as secrets", async () => {
    const { id, state } = await thing().create({ size: 3, key: "k" });
    assert.equal(id, "thing-1");
    assert.deepEqual(state, {
      size: 3,
      title: "none",
      key: new Secret("k"),
      heavy: true,
      weighty: true,
      text: "3",
      token: new Secret("token-1"),
    });
  });

  it("takes what is given for one name of an input for the other too", async () => {
    const { state } = await thing().create({ size: 1, weighty: false });
    assert.equal(state.heavy, false);
    assert.equal(state.weighty, false);
  });

  it("keeps an input secret that the program marked", async () => {
    const { state } = await thing().create({ size: 1, keepers: new Secret({ a: "b" }) });
    assert.deepEqual(state.keepers, new Secret({ a: "b" }));
  });

  it("makes nothing in a preview and knows no output", async () => {
    const things = thing();
    const preview = await things.create({ size: UNKNOWN }, true);
    assert.equal(preview.state.text, UNKNOWN);
    assert.deepEqual(preview.state.token, new Secret(UNKNOWN));
    assert.equal(preview.state.size, UNKNOWN);
    assert.equal((await things.create({ size: 1 })).id, "thing-1");
  });

  it("sees no difference where there is none", async () => {
    const things = thing();
    const { state } = await things.create({ size: 1, tags: ["a"], keepers: { a: "b" } });
    const same = await things.diff({}, state, {
      size: 1,
      tags: ["a"],
      keepers: new Secret({ a: "b" }),
      title: "none",
    });
    assert.deepEqual(same, {
      changed: false,
      replaces: [],
      deleteBeforeReplace: false,
      detailed: {},
    });
  });

  it("replaces for every change but one in place, and tells the entry that changed", async () => {
    const things = thing();
    const { state } = await things.create({ size: 1, keepers: { a: "b", c: "d" }, note: "x" });
    const changed = await things.diff({}, state, {
      size: 2,
      keepers: { a: "b", c: "e", "f.g": "h" },
      tags: ["t"],
    });
    assert.deepEqual(changed.detailed, {
      size: "update-replace",
      "keepers.c": "update-replace",
      'keepers["f.g"]': "add-replace",
      tags: "add-replace",
      note: "delete",
    });
    assert.deepEqual(changed.replaces, ["size", "keepers", "tags"]);
    assert.equal(changed.changed, true);
  });

  it("replaces where a new value is not known yet", async () => {
    const things = thing();
    const { state } = await things.create({ size: 1 });
    const changed = await things.diff({}, state, { size: UNKNOWN });
    assert.deepEqual(changed.detailed, { size: "update-replace" });
  });

  it("keeps the outputs in an update", async () => {
    const things = thing();
    const { state } = await things.create({ size: 1, note: "x" });
    const updated = await things.update(state, { size: 1, note: "y" });
    assert.deepEqual(updated, { ...state, note: "y" });
  });

  it("gives a refresh the state that it had", async () => {
    const things = thing();
    const { id, state } = await things.create({ size: 1 });
    assert.deepEqual((await things.read(id, state)).state, state);
  });

  it("deletes by forgetting", async () => {
    await thing().delete("thing-1");
  });

  const refused: readonly (readonly [string, Parameters<Driver["check"]>[0], string])[] = [
    ["a required input is missing", {}, "size: missing; it is required"],
    ["a required input is null", { size: null }, "size: missing; it is required"],
    [
      "a number is broken",
      { size: 1.5 },
      "size: got a value of type number; allowed: a whole number",
    ],
    [
      "a string is none",
      { size: 1, title: 3 },
      "title: got a value of type number; allowed: a string",
    ],
    [
      "a list holds no strings",
      { size: 1, tags: [1] },
      "tags: got a value of type object; allowed: a list of strings",
    ],
    [
      "a map holds no strings",
      { size: 1, keepers: { a: 1 } },
      "keepers: got a value of type object; allowed: a map of strings",
    ],
    [
      "only the real plugin has it",
      { size: 1, exotic: "e" },
      "exotic: only the real plugin takes it",
    ],
    [
      "nobody knows it",
      { size: 1, colour: "red" },
      "colour: no such input; allowed: size, title, keepers, tags, key, note, heavy, weighty, exotic",
    ],
  ];
  for (const [what, inputs, message] of refused) {
    it(`fails when ${what}`, async () => {
      await assert.rejects(thing().check(inputs), { message });
    });
  }

  it("fails when a value is wrong without showing it", async () => {
    await assert.rejects(thing().check({ size: new Secret("hunter2") }), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });

  it("fails when the type is not one of its own", async () => {
    const provider = bridgedProvider("test", { [TYPE]: { fields: {}, outputs: {} } as never });
    await assert.rejects(new Driver(provider, "test:index/other:Other").create({}), {
      message:
        "the test stand-in does not know the type test:index/other:Other; allowed: Thing; " +
        "others need the real test plugin",
    });
  });

  it("fails when a kind is imported whose ID says nothing", async () => {
    await assert.rejects(thing().read("thing-1"), {
      message: `${TYPE} cannot be imported: its ID says nothing`,
    });
  });
});
