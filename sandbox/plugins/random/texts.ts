import { hash } from "bcryptjs";
import type { Field, Kind, Values } from "../bridged/kind.ts";
import type { CheckFailure } from "../rpc/index.ts";
import { drawString, type StringRules } from "./strings.ts";

const HASH_ROUNDS = 10;
const HASHED_BYTES = 72;

const FIELDS: Readonly<Record<string, Field>> = {
  keepers: { type: "string-map" },
  length: { type: "number", required: true },
  lower: { type: "boolean", default: true },
  minLower: { type: "number", default: 0 },
  minNumeric: { type: "number", default: 0 },
  minSpecial: { type: "number", default: 0 },
  minUpper: { type: "number", default: 0 },
  number: { type: "boolean", default: true, alias: "numeric" },
  numeric: { type: "boolean", default: true, alias: "number" },
  overrideSpecial: { type: "string" },
  special: { type: "boolean", default: true },
  upper: { type: "boolean", default: true },
};

const MINIMA = ["minLower", "minNumeric", "minSpecial", "minUpper"] as const;

/** A random string that is shown to everybody. Its ID is the string. */
export const randomString: Kind = {
  fields: FIELDS,
  outputs: { result: "open" },
  validate,
  async make(values) {
    const result = drawString(rulesOf(values));
    return { id: result, outputs: { result } };
  },
  async import(id) {
    return { id, inputs: { length: id.length }, outputs: { result: id } };
  },
};

/** A random string that is a secret, with its bcrypt hash. */
export const randomPassword: Kind = {
  fields: FIELDS,
  outputs: { bcryptHash: "secret", result: "secret" },
  validate,
  async make(values) {
    const result = drawString(rulesOf(values));
    return { id: "none", outputs: await passwordOutputs(result) };
  },
  async import(id) {
    return { id: "none", inputs: { length: id.length }, outputs: await passwordOutputs(id) };
  },
};

async function passwordOutputs(result: string): Promise<Values> {
  // bcrypt looks at the first 72 bytes only, and says so by refusing more in some languages.
  const hashed = Buffer.from(result).subarray(0, HASHED_BYTES).toString();
  return { bcryptHash: await hash(hashed, HASH_ROUNDS), result };
}

function rulesOf(values: Values): StringRules {
  return {
    length: Number(values.length),
    upper: values.upper === true,
    lower: values.lower === true,
    numeric: values.numeric === true,
    special: values.special === true,
    minUpper: Number(values.minUpper),
    minLower: Number(values.minLower),
    minNumeric: Number(values.minNumeric),
    minSpecial: Number(values.minSpecial),
    overrideSpecial: String(values.overrideSpecial ?? ""),
  };
}

function validate(values: Values): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string): void => {
    failures.push({ property, reason });
  };
  for (const name of MINIMA) {
    if (Number(values[name]) < 0) fail(name, `got ${values[name]}; allowed: 0 or more`);
  }
  const least = MINIMA.reduce((sum, name) => sum + Number(values[name] ?? 0), 0);
  if (values.length !== undefined && Number(values.length) < Math.max(1, least)) {
    fail(
      "length",
      `got ${values.length}; allowed: at least 1 and at least the sum of ` +
        `${MINIMA.join(", ")}, which is ${least}`,
    );
  }
  if (values.number !== values.numeric) {
    fail("number", "number and numeric differ; give numeric alone");
  }
  const classes = [values.upper, values.lower, values.special, values.numeric];
  if (classes.every((one) => one === false)) {
    fail("numeric", "upper, lower, numeric and special are all false; at least one must be true");
  }
  if (/[^ -~]/.test(String(values.overrideSpecial ?? ""))) {
    fail("overrideSpecial", "holds characters that are not printable ASCII");
  }
  return failures;
}
