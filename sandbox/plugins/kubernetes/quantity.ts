const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const FORM =
  /^([+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+)(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** The amount that a Kubernetes quantity as `500m` or `1.5Gi` stands for, `undefined` for others. */
export function amount(quantity: unknown): number | undefined {
  if (typeof quantity === "number") return quantity;
  if (typeof quantity !== "string") return undefined;
  const [, digits, exponent, unit = ""] = FORM.exec(quantity) ?? [];
  if (digits === undefined) return undefined;
  if (exponent !== undefined) return Number(digits + exponent);
  return Number(digits) * (UNITS[unit] ?? Number.NaN);
}

// The API server writes quantities in its own way ("0.5" as "500m"), which is no change.
const HOLDERS: ReadonlySet<unknown> = new Set([
  "limits",
  "requests",
  "hard",
  "capacity",
  "default",
  "defaultRequest",
  "max",
  "min",
  "overhead",
  "podFixed",
  "maxLimitRequestRatio",
]);
const FIELDS: ReadonlySet<unknown> = new Set(["sizeLimit", "divisor", "averageValue", "value"]);

/** Whether two values at `path` are the same quantity in different words. */
export function sameQuantity(
  path: readonly (string | number)[],
  one: unknown,
  other: unknown,
): boolean {
  const field = path.at(-1);
  const metric = field !== "value" || path.includes("metrics");
  if (!HOLDERS.has(path.at(-2)) && !(FIELDS.has(field) && metric)) return false;
  const first = amount(one);
  return first !== undefined && first === amount(other);
}
