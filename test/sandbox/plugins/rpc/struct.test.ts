import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { decode, encode } from "../../../../sandbox/plugins/rpc/struct.ts";
import {
  hasSecret,
  hasUnknown,
  type PropertyMap,
  type PropertyValue,
  reveal,
  Secret,
  Special,
  UNKNOWN,
} from "../../../../sandbox/plugins/rpc/values.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";

// google-protobuf takes this one name for the prototype.
const anyName = fc.string().filter((name) => name !== "__proto__");

const { value: anyValue } = fc.letrec<{ value: PropertyValue; map: PropertyMap }>((tie) => ({
  map: fc.dictionary(anyName, tie("value"), { noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (one === 0 ? 0 : one)),
    fc.string(),
    fc.constant(UNKNOWN),
    tie("value").map((one) => new Secret(one)),
    fc
      .tuple(fc.constantFrom("asset", "archive", "resource"), tie("map"))
      .map(([kind, fields]) => new Special(kind, fields)),
    fc.array(tie("value")),
    tie("map"),
  ),
}));

function overTheWire(properties: PropertyMap): PropertyMap {
  return decode(Struct.deserializeBinary(encode(properties).serializeBinary()));
}

describe("property maps", () => {
  it("come back from the wire as they went", () => {
    fc.assert(
      fc.property(fc.dictionary(anyName, anyValue, { noNullPrototype: true }), (properties) => {
        assert.deepEqual(overTheWire(properties), properties);
      }),
    );
  });

  it("leave out properties that are undefined", () => {
    const properties = { kept: 1, dropped: undefined } as unknown as PropertyMap;
    assert.deepEqual(overTheWire(properties), { kept: 1 });
  });

  it("take output values for their value, secret and unknown as they say", () => {
    const output = (fields: object) => ({
      [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
      dependencies: ["urn:pulumi:s::p::t::n"],
      ...fields,
    });
    const struct = Struct.fromJavaScript({
      known: output({ value: 1 }),
      unknown: output({}),
      secret: output({ value: "x", secret: true }),
      both: output({ secret: true }),
    });
    assert.deepEqual(decode(struct), {
      known: 1,
      unknown: UNKNOWN,
      secret: new Secret("x"),
      both: new Secret(UNKNOWN),
    });
  });

  it("fail on a signature that nobody knows", () => {
    const struct = Struct.fromJavaScript({ odd: { [SIGNATURE]: "other" } });
    assert.throws(() => decode(struct), {
      name: "TypeError",
      message: 'property has the unknown signature "other"',
    });
  });
});

describe("secrets", () => {
  it("do not show when printed", () => {
    const secret = new Secret("open sesame");
    assert.equal(`${secret}${JSON.stringify({ secret })}`, '[secret]{"secret":"[secret]"}');
  });

  it("are found and unwrapped at any depth", () => {
    const value = { list: [{ deep: new Secret({ word: new Secret("x") }) }] };
    assert.equal(hasSecret(value), true);
    assert.equal(hasSecret(reveal(value)), false);
    assert.deepEqual(reveal(value), { list: [{ deep: { word: "x" } }] });
  });

  it("do not hide what is unknown", () => {
    assert.equal(hasUnknown({ a: new Secret([UNKNOWN]) }), true);
    assert.equal(hasUnknown({ a: new Secret(["known"]) }), false);
    assert.throws(() => reveal({ a: UNKNOWN }), /property value is not known yet/);
  });
});
