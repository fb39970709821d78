import type { CheckFailure, PropertyMap, PropertyValue } from "../rpc/index.ts";
import { bare, isList, isMap, revealKnown } from "../rpc/index.ts";
import type { Field, FieldType, Kind, Values } from "./kind.ts";

const SHAPES: Readonly<Record<FieldType, string>> = {
  string: "a string",
  number: "a whole number",
  boolean: "true or false",
  strings: "a list of strings",
  "string-map": "a map of strings",
  object: "a map",
};

/** Takes out what the program left empty: the engine sends it as null. */
export function withoutNulls(inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
}

/** Tells every fault of `inputs` by property; an empty list means that they are good. */
export function checkInputs(kind: Kind, inputs: PropertyMap): readonly CheckFailure[] {
  const unknownNames = Object.keys(inputs)
    .filter((name) => !(name in kind.fields))
    .map((name) => ({
      property: name,
      reason: `no such input; allowed: ${Object.keys(kind.fields).join(", ")}`,
    }));
  const shapes = Object.entries(kind.fields).flatMap(([name, field]) => {
    const reason = fault(field, inputs[name]);
    return reason === undefined ? [] : [{ property: name, reason }];
  });
  const failures = [...unknownNames, ...shapes];
  if (failures.length > 0) return failures;
  return kind.validate?.(knownValues(kind, inputs)) ?? [];
}

function fault(field: Field, value: PropertyValue | undefined): string | undefined {
  if (value === undefined) return field.required ? "missing; it is required" : undefined;
  if (field.refused !== undefined) return field.refused;
  if (hasShape(field.type, bare(value))) return undefined;
  // The value may be a secret, so only its type is told.
  return `got a value of type ${typeof bare(value)}; allowed: ${SHAPES[field.type]}`;
}

function hasShape(type: FieldType, value: PropertyValue | undefined): boolean {
  if (typeof value === "symbol") return true;
  switch (type) {
    case "string":
    case "boolean":
      return typeof value === type;
    case "number":
      return Number.isSafeInteger(value);
    case "strings":
      return isList(value) && value.every((one) => hasShape("string", bare(one)));
    case "string-map":
      return isMap(value) && Object.values(value).every((one) => hasShape("string", bare(one)));
    case "object":
      return isMap(value);
  }
}

/** The inputs with defaults, as the state keeps them: secrets and unknowns as they came. */
export function withDefaults(kind: Kind, inputs: PropertyMap): PropertyMap {
  const filled = Object.entries(kind.fields).flatMap(([name, field]) => {
    const value = inputs[name] ?? inputs[field.alias ?? name] ?? field.default;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(filled);
}

/** The inputs with defaults in the clear; what is not known yet is left out. */
export function knownValues(kind: Kind, inputs: PropertyMap): Values {
  return revealKnown(withDefaults(kind, inputs));
}
