/**
 * A value that is not known yet, as every output of a resource that a preview only plans.
 */
export const UNKNOWN: unique symbol = Symbol("unknown");

/**
 * A value that must never be shown or stored in the clear. Printing one gives `[secret]`.
 */
export class Secret {
  readonly value: PropertyValue;

  constructor(value: PropertyValue) {
    this.value = value;
  }

  toJSON(): string {
    return "[secret]";
  }

  toString(): string {
    return "[secret]";
  }
}

/**
 * An asset, an archive or a reference to a resource, with the fields that the engine sent.
 */
export class Special {
  readonly kind: "asset" | "archive" | "resource";
  readonly fields: PropertyMap;

  constructor(kind: "asset" | "archive" | "resource", fields: PropertyMap) {
    this.kind = kind;
    this.fields = fields;
  }
}

/** Any property of a resource as the engine knows it. */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | Secret
  | Special
  | readonly PropertyValue[]
  | PropertyMap;

/** The inputs or outputs of a resource by name. */
export interface PropertyMap {
  readonly [name: string]: PropertyValue;
}

/** A value without secrets' wrapping, specials and unknowns: what JSON can say. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/** Whether `value` is a map of properties, not a list, secret, special or scalar. */
export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !isList(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Special)
  );
}

/** Whether `value` is a list of properties. */
export function isList(value: PropertyValue | undefined): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

/** Takes the secret's wrapping off the outermost level only. */
export function bare(value: PropertyValue | undefined): PropertyValue | undefined {
  return value instanceof Secret ? bare(value.value) : value;
}

function some(value: PropertyValue | undefined, test: (one: PropertyValue) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (value instanceof Special) return some(value.fields, test);
  if (isList(value)) return value.some((one) => some(one, test));
  return isMap(value) && Object.values(value).some((one) => some(one, test));
}

/** Whether a value that is not known yet lies anywhere in `value`. */
export function hasUnknown(value: PropertyValue | undefined): boolean {
  return some(value, (one) => one === UNKNOWN);
}

/** Whether a secret lies anywhere in `value`. */
export function hasSecret(value: PropertyValue | undefined): boolean {
  return some(value, (one) => one instanceof Secret);
}

/**
 * Takes all wrapping of secrets away. The result is for the work itself, never for a log.
 * Throws a `TypeError` where a value is unknown or an asset, archive or resource.
 */
export function reveal(value: PropertyValue): Plain {
  if (value === UNKNOWN) throw new TypeError("property value is not known yet");
  if (value instanceof Secret) return reveal(value.value);
  if (value instanceof Special) {
    throw new TypeError(`property value is of kind ${value.kind}; allowed: plain values`);
  }
  if (isList(value)) return value.map(reveal);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, reveal(one)]));
}

/** What of a map is known, in the clear; as `reveal` for the rest. */
export function revealKnown(map: PropertyMap): Readonly<Record<string, Plain>> {
  const known = Object.entries(map).filter(([, value]) => !hasUnknown(value));
  return Object.fromEntries(known.map(([name, value]) => [name, reveal(value)]));
}

/** Whether two values are the same in the clear; one that is not known never is. */
export function isSame(one: PropertyValue | undefined, other: PropertyValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (hasUnknown(one) || hasUnknown(other)) return false;
  return JSON.stringify(reveal(one)) === JSON.stringify(reveal(other));
}

/** Path of a map's member as the engine writes it: `tags.name`, `tags["a.b"]`, `name` at the top. */
export function memberPath(path: string, name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
