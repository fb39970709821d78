import {
  hasSecret,
  isList,
  isMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  Special,
} from "../rpc/index.ts";
import { isJsonList, isJsonMap, type Json, type JsonMap, text, withValue } from "./json.ts";

/** What lies in Pulumi's state beside the object's own fields. */
export interface Checkpoint {
  /** Inputs as of the last create or update, or as found by the last refresh. */
  readonly inputs: JsonMap;
  /** The object as the API server last showed it. */
  readonly live: JsonMap;
  /** Field manager of the object's server-side apply; empty where nothing is recorded. */
  readonly fieldManager: string;
  /** The API version that the object was made with. */
  readonly initialApiVersion: string;
}

const INPUTS = "__inputs";
const INITIAL_API_VERSION = "__initialApiVersion";
const FIELD_MANAGER = "__fieldManager";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

// The SDK's typed names for fields of CustomResourceDefinitions cannot hold dashes.
const DASHED: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "embedded-resource",
    "int-or-string",
    "list-map-keys",
    "list-type",
    "map-type",
    "preserve-unknown-fields",
    "validations",
  ].map((name) => [`x_kubernetes_${name.replaceAll("-", "_")}`, `x-kubernetes-${name}`]),
);
const UNDERSCORED = Object.fromEntries(Object.entries(DASHED).map(([one, two]) => [two, one]));

/** The plain object that properties describe: secrets unwrapped, nulls left out of maps. */
export function toJson(properties: PropertyMap): JsonMap {
  const entries = Object.entries(properties)
    .map(([name, value]) => [DASHED[name] ?? name, valueToJson(value)] as const)
    .filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}

function valueToJson(value: PropertyValue): Json {
  if (value instanceof Secret) return valueToJson(value.value);
  if (value instanceof Special) {
    throw new TypeError(`an input is of kind ${value.kind}; allowed: plain values`);
  }
  if (isList(value)) return value.map(valueToJson);
  return isMap(value) ? toJson(value) : value;
}

/**
 * The properties for an object, with everything secret that is secret in `from` at the same place
 * (a list is secret as a whole as soon as one part of it is), and the data of Secrets always.
 */
export function toProperties(object: JsonMap, from: PropertyMap): PropertyMap {
  const marked = marking(object, from);
  if (text(object, "kind") !== "Secret") return marked;
  const names = ["data", "stringData"].filter((name) => marked[name] !== undefined);
  return {
    ...marked,
    ...Object.fromEntries(names.map((name) => [name, secret(marked[name] ?? null)])),
  };
}

function secret(value: PropertyValue): Secret {
  return value instanceof Secret ? value : new Secret(value);
}

function marking(object: JsonMap, from: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const property = UNDERSCORED[name] ?? name;
      const source = Object.hasOwn(from, property) ? from[property] : undefined;
      if (isJsonMap(value) && isMap(source)) return [property, marking(value, source)];
      const plain = underscored(value);
      return [property, hasSecret(source) ? new Secret(plain) : plain];
    }),
  );
}

function underscored(value: Json): PropertyValue {
  if (isJsonList(value)) return value.map(underscored);
  return isJsonMap(value) ? marking(value, {}) : value;
}

/** The state to record for an object; `from` says which of its fields are secret. */
export function toState(checkpoint: Checkpoint, from: PropertyMap): PropertyMap {
  let live = withValue(checkpoint.live, ["metadata", "managedFields"], undefined);
  // kubectl keeps a copy of the whole object there, a Secret's data in the clear included.
  if (text(live, "kind") === "Secret") {
    live = withValue(live, ["metadata", "annotations", LAST_APPLIED], undefined);
  }
  return {
    ...toProperties(live, from),
    [INPUTS]: toProperties(checkpoint.inputs, from),
    [INITIAL_API_VERSION]: checkpoint.initialApiVersion,
    [FIELD_MANAGER]: checkpoint.fieldManager,
  };
}

/** Reads what `toState` recorded; an empty state gives an empty checkpoint. */
export function fromState(state: PropertyMap): Checkpoint {
  const all = toJson(state);
  const {
    [INPUTS]: inputs,
    [INITIAL_API_VERSION]: _initial,
    [FIELD_MANAGER]: _manager,
    ...live
  } = all;
  return {
    inputs: isJsonMap(inputs) ? inputs : {},
    live,
    fieldManager: text(all, FIELD_MANAGER),
    initialApiVersion: text(all, INITIAL_API_VERSION),
  };
}

const SHORTEST_REDACTED = 4;

/** Takes every secret text of `properties` out of a message, whole or base64-encoded. */
export function redact(message: string, properties: PropertyMap): string {
  return [...secretTexts(properties, false)]
    .flatMap((word) => [word, Buffer.from(word).toString("base64")])
    .filter((word) => word.length >= SHORTEST_REDACTED)
    .reduce((clean, word) => clean.replaceAll(word, "[secret]"), message);
}

function* secretTexts(value: PropertyValue, inside: boolean): Generator<string> {
  if (value instanceof Secret) yield* secretTexts(value.value, true);
  else if (typeof value === "string" && inside) yield value;
  else if (isList(value)) for (const one of value) yield* secretTexts(one, inside);
  else if (isMap(value)) for (const one of Object.values(value)) yield* secretTexts(one, inside);
}
