import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeText, MAX_TEXT_BYTES } from "../../../../apps/api/src/text.ts";

/** The raw request target of a text, every byte escaped. */
function escapeAll(bytes: Buffer): string {
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

function decoded(encoded: string): string {
  const text = decodeText(encoded);
  assert.ok(Buffer.isBuffer(text), `refused: ${JSON.stringify(text)}`);
  return text.toString();
}

describe("the text of a request", () => {
  it("comes back from encodeURIComponent, whatever the Unicode", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        assert.equal(decoded(encodeURIComponent(text)), text);
      }),
    );
  });

  it("comes back when every byte is escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        assert.equal(decoded(escapeAll(Buffer.from(text))), text);
      }),
    );
  });

  it("never throws, and is refused with 400 or 413 or is UTF-8", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.integer({ min: 0x21, max: 0xff }).map((c) => String.fromCharCode(c)),
        }),
        (raw) => {
          const text = decodeText(raw);
          if (Buffer.isBuffer(text)) {
            assert.deepEqual(Buffer.from(text.toString()), text);
          } else {
            assert.ok(text.status === 400 || text.status === 413);
          }
        },
      ),
    );
  });

  for (const [encoded, text] of [
    ["hello%20w%C3%B6rld", "hello wörld"],
    ["a/b//c/", "a/b//c/"],
    ["a%2Fb", "a/b"],
    ["a+b", "a+b"],
    ["a?b=c", "a"],
    ["a%3Fb", "a?b"],
    ["%F0%9F%98%80", "😀"],
    ["%EF%BB%BFa", "\uFEFFa"],
    ["%00", "\0"],
    ["%0A", "\n"],
  ] as const) {
    it(`of ${encoded} is ${JSON.stringify(text)}`, () => assert.equal(decoded(encoded), text));
  }

  for (const [encoded, body] of [
    ["", "The text is empty"],
    ["?a", "The text is empty"],
    ["%", "A % must be followed by two hexadecimal digits"],
    ["%4", "A % must be followed by two hexadecimal digits"],
    ["%zz", "A % must be followed by two hexadecimal digits"],
    ["%C3", "The text is not UTF-8"],
    ["%ED%A0%80", "The text is not UTF-8"],
    ["%C0%80", "The text is not UTF-8"],
    ["%FF", "The text is not UTF-8"],
  ] as const) {
    it(`is refused for ${encoded || "nothing"}`, () => {
      assert.deepEqual(decodeText(encoded), { status: 400, body });
    });
  }

  it("may have 65536 bytes after decoding, and not one more", () => {
    const longest = "%C3%B6".repeat(MAX_TEXT_BYTES / 2);
    assert.equal(decoded(longest).length, MAX_TEXT_BYTES / 2);
    const expected = { status: 413, body: "The text is longer than 65536 bytes" };
    assert.deepEqual(decodeText(`${longest}a`), expected);
    assert.deepEqual(decodeText("a".repeat(MAX_TEXT_BYTES + 1)), expected);
    assert.deepEqual(decodeText("%zz".repeat(MAX_TEXT_BYTES + 1)), expected);
  });
});
