import assert from "node:assert/strict";
import fc from "fast-check";
import { readTrace } from "../../../../sandbox/plugins/docker/trace.ts";

// A protobuf field with a length: a text or a message.
function field(number: number, content: string | readonly Buffer[]): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.concat(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

const STARTED = field(5, [number(1, 1_700_000_000)]);
const COMPLETED = field(6, [number(1, 1_700_000_001)]);

function vertex(name: string, ...more: readonly Buffer[]): Buffer {
  return field(1, [field(1, "sha256:0"), field(3, name), number(4, 1), ...more]);
}

function read(...parts: readonly Buffer[]) {
  return readTrace(Buffer.concat(parts).toString("base64"));
}

describe("readTrace", () => {
  it("tells the steps that began, once", () => {
    const trace = read(
      vertex("waits"),
      vertex("runs", STARTED),
      vertex("done", STARTED, COMPLETED),
    );
    assert.deepEqual(trace, { steps: ["runs"], lines: [] });
  });

  it("tells the lines that were printed, whatever they are", () => {
    const line = fc
      .string({ unit: "grapheme", maxLength: 300 })
      .filter((one) => !/[\r\n]/.test(one));
    fc.assert(
      fc.property(fc.array(line.filter((one) => one !== "")), (lines) => {
        const log = field(3, [
          field(1, "sha256:0"),
          number(3, 2),
          field(4, `${lines.join("\n")}\n`),
        ]);
        assert.deepEqual(read(log), { steps: [], lines });
      }),
    );
  });

  it("passes over numbers of every width", () => {
    const wide = Buffer.concat([
      varint(9 * 8 + 1),
      Buffer.alloc(8),
      varint(9 * 8 + 5),
      Buffer.alloc(4),
    ]);
    assert.deepEqual(read(wide, vertex("runs", STARTED)).steps, ["runs"]);
  });

  it("fails when it is cut off", () => {
    const whole = vertex("runs", STARTED);
    for (let length = 1; length < whole.length; length += 1) {
      assert.throws(() => read(whole.subarray(0, length)), RangeError);
    }
  });

  it("fails with a RangeError at worst, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readTrace(Buffer.from(bytes).toString("base64"));
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
    );
  });
});
