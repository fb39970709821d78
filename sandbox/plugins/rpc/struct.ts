import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import {
  isList,
  type PropertyMap,
  type PropertyValue,
  Secret,
  Special,
  UNKNOWN,
} from "./values.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const SPECIALS = {
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
} as const;

// The engine has a sentinel for each type that a value may turn out to have; which one it is does
// not matter here, and the first is understood for all.
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_TEXTS: ReadonlySet<string> = new Set([
  UNKNOWN_TEXT,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

interface JsonMap {
  readonly [name: string]: JavaScriptValue;
}

/**
 * Reads properties as the engine sends them. Output values become their value, wrapped as secret
 * or replaced by `UNKNOWN` as they say; who they depend on is the engine's affair.
 */
export function decode(struct: Struct | undefined): PropertyMap {
  return struct === undefined ? {} : decodeMap(struct.toJavaScript());
}

/** Writes properties as the engine reads them. */
export function encode(properties: PropertyMap): Struct {
  return Struct.fromJavaScript(encodeMap(properties));
}

function decodeMap(map: JsonMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map)
      .filter(([name]) => name !== SIGNATURE)
      .map(([name, value]) => [name, decodeValue(value)]),
  );
}

function decodeValue(value: JavaScriptValue): PropertyValue {
  if (typeof value === "string") return UNKNOWN_TEXTS.has(value) ? UNKNOWN : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decodeValue);
  const map = value as JsonMap;
  const signature = map[SIGNATURE];
  if (signature === undefined) return decodeMap(map);
  if (signature === SECRET) return new Secret(decodeValue(map.value ?? null));
  if (signature === OUTPUT) return decodeOutput(map);
  for (const kind of ["asset", "archive", "resource"] as const) {
    if (signature === SPECIALS[kind]) return new Special(kind, decodeMap(map));
  }
  throw new TypeError(`property has the unknown signature ${JSON.stringify(signature)}`);
}

function decodeOutput(map: JsonMap): PropertyValue {
  const value = "value" in map ? decodeValue(map.value ?? null) : UNKNOWN;
  return map.secret === true ? new Secret(value) : value;
}

function encodeMap(map: PropertyMap): Record<string, JavaScriptValue> {
  return Object.fromEntries(
    Object.entries(map)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, encodeValue(value)]),
  );
}

function encodeValue(value: PropertyValue): JavaScriptValue {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: encodeValue(value.value) };
  if (value instanceof Special) {
    return { ...encodeMap(value.fields), [SIGNATURE]: SPECIALS[value.kind] };
  }
  if (isList(value)) return value.map(encodeValue);
  return encodeMap(value as PropertyMap);
}
