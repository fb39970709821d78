import assert from "node:assert/strict";
import { Writer } from "@platformatic/kafka";
import fc from "fast-check";
import { FieldReader, FieldWriter } from "../../../../apps/shared/kafka/fields.ts";

type Field =
  | { readonly type: "int16" | "int32" | "int64" | "unsigned"; readonly value: number }
  | { readonly type: "compact"; readonly value: Buffer };

const number = (type: "int16" | "int32" | "unsigned", min: number, max: number) =>
  fc.integer({ min, max }).map((value): Field => ({ type, value }));

/** Fields of all types, long enough together for the buffer to grow. */
const anyFields = fc.array(
  fc.oneof(
    number("int16", -(2 ** 15), 2 ** 15 - 1),
    number("int32", -(2 ** 31), 2 ** 31 - 1),
    number("unsigned", 0, 2 ** 31 - 1),
    fc.maxSafeInteger().map((value): Field => ({ type: "int64", value })),
    fc
      .uint8Array({ maxLength: 400, size: "max" })
      .map((value): Field => ({ type: "compact", value: Buffer.from(value) })),
  ),
  { maxLength: 40, size: "max" },
);

function write(writer: FieldWriter, field: Field): FieldWriter {
  return field.type === "compact" ? writer.compact(field.value) : writer[field.type](field.value);
}

/** Writes a field as the client library does. */
function writeAsOthers(writer: Writer, { type, value }: Field): Writer {
  switch (type) {
    case "int16":
      return writer.appendInt16(value);
    case "int32":
      return writer.appendInt32(value);
    case "int64":
      return writer.appendInt64(BigInt(value));
    case "unsigned":
      return writer.appendUnsignedVarInt(value);
    case "compact":
      return writer.appendBytes(value);
  }
}

describe("the fields of Kafka's wire", () => {
  it("are written as another implementation writes them", () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const bytes = fields.reduce(write, new FieldWriter()).tags().done();
        const expected = fields.reduce(writeAsOthers, Writer.create()).appendTaggedFields();
        assert.deepEqual(bytes, Buffer.from(expected.buffer));
      }),
    );
  });

  it("are read as they were written", () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const reader = new FieldReader(fields.reduce(write, new FieldWriter()).done());
        for (const { type, value } of fields) {
          assert.deepEqual(reader[type](), value);
        }
      }),
    );
  });

  it("are passed over where a newer broker adds tagged ones", () => {
    const tagged = new FieldWriter().unsigned(2);
    tagged.unsigned(0).unsigned(1).bytes(Buffer.from("x")).unsigned(7).unsigned(0);
    const reader = new FieldReader(tagged.int32(4711).done());
    reader.tags();
    assert.equal(reader.int32(), 4711);
  });
});
