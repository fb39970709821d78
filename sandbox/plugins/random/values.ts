import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Field, Imported, Kind, Made, Values } from "../bridged/kind.ts";
import type { CheckFailure } from "../rpc/index.ts";

const KEEPERS: Field = { type: "string-map" };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// What randomInt can draw from without bias.
const WIDEST_RANGE = 2 ** 48 - 1;

/** Secret random bytes. The real plugin's ID is the value itself, so this one's is too. */
export const randomBytesKind: Kind = {
  fields: { keepers: KEEPERS, length: { type: "number", required: true } },
  outputs: { base64: "secret", hex: "secret" },
  validate: (values) => atLeastOne("length", values.length),
  async make(values) {
    return fromBytes(randomBytes(Number(values.length)));
  },
  async import(id) {
    const bytes = decode(id, "base64");
    return { ...fromBytes(bytes), inputs: { length: bytes.length } };
  },
};

/** Random bytes in several notations, open to everybody. */
export const randomId: Kind = {
  fields: {
    byteLength: { type: "number", required: true },
    keepers: KEEPERS,
    prefix: { type: "string" },
  },
  outputs: { b64Std: "open", b64Url: "open", dec: "open", hex: "open" },
  validate: (values) => atLeastOne("byteLength", values.byteLength),
  async make(values) {
    return identity(randomBytes(Number(values.byteLength)), String(values.prefix ?? ""));
  },
  async import(id) {
    const comma = id.lastIndexOf(",");
    const bytes = decode(id.slice(comma + 1), "base64url");
    const prefix = comma < 0 ? "" : id.slice(0, comma);
    const inputs = { byteLength: bytes.length, ...(prefix === "" ? {} : { prefix }) };
    return { ...identity(bytes, prefix), inputs };
  },
};

/** A random UUID, version 4. */
export const randomUuid: Kind = {
  fields: { keepers: KEEPERS },
  outputs: { result: "open" },
  async make() {
    const result = randomUUID();
    return { id: result, outputs: { result } };
  },
  async import(id) {
    if (!UUID.test(id)) throw new Error(`got ${id}; allowed: a UUID in lower case with hyphens`);
    return { id, inputs: {}, outputs: { result: id } };
  },
};

/** A random whole number, both bounds included. */
export const randomInteger: Kind = {
  fields: {
    keepers: KEEPERS,
    max: { type: "number", required: true },
    min: { type: "number", required: true },
    seed: {
      type: "string",
      refused: "the stand-in cannot draw what the real plugin draws from a seed; leave it out",
    },
  },
  outputs: { result: "open" },
  validate: checkRange,
  async make(values) {
    const result = randomInt(Number(values.min), Number(values.max) + 1);
    return { id: String(result), outputs: { result } };
  },
  import: importInteger,
};

function fromBytes(bytes: Buffer): Made {
  const base64 = bytes.toString("base64");
  return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
}

function identity(bytes: Buffer, prefix: string): Made {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  return {
    id,
    outputs: {
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + id,
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    },
  };
}

// Buffer.from skips what it cannot read, so the way back tells whether all was read. The value may
// be a secret and is not told.
function decode(text: string, encoding: "base64" | "base64url"): Buffer {
  const bytes = Buffer.from(text, encoding);
  if (bytes.length > 0 && bytes.toString(encoding) === text) return bytes;
  throw new Error(
    `got an ID that is not in ${encoding}; allowed: at least one byte in ${encoding}`,
  );
}

function atLeastOne(property: string, value: Values[string] | undefined): readonly CheckFailure[] {
  if (value === undefined || Number(value) >= 1) return [];
  return [{ property, reason: `got ${value}; allowed: 1 or more` }];
}

function checkRange(values: Values): readonly CheckFailure[] {
  if (values.min === undefined || values.max === undefined) return [];
  const range = Number(values.max) - Number(values.min);
  if (range < 0) {
    return [{ property: "min", reason: `got ${values.min}; allowed: at most max, ${values.max}` }];
  }
  if (range < WIDEST_RANGE) return [];
  return [{ property: "max", reason: `got ${values.max}; allowed: less than 2^48 above min` }];
}

async function importInteger(id: string): Promise<Imported> {
  if (!/^-?\d+,-?\d+,-?\d+$/.test(id)) throw new Error(`got ${id}; allowed: "result,min,max"`);
  const [result = 0, min = 0, max = 0] = id.split(",").map(Number);
  return { id: String(result), inputs: { min, max }, outputs: { result } };
}
