import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

/** Key algorithms by the name that the plugin gives them. */
export const ALGORITHMS = ["RSA", "ECDSA", "ED25519"] as const;

/** One of `ALGORITHMS`. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** Elliptic curves by the name that the plugin gives them, with OpenSSL's name for each. */
export const CURVES = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
} as const;

/** One of the names in `CURVES`. */
export type Curve = keyof typeof CURVES;

/** Makes a private key; `curve` counts for ECDSA only and `bits` for RSA only. */
export async function generateKey(
  algorithm: Algorithm,
  curve: Curve,
  bits: number,
): Promise<KeyObject> {
  switch (algorithm) {
    case "RSA":
      return (await generate("rsa", { modulusLength: bits })).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: CURVES[curve] })).privateKey;
    case "ED25519":
      return (await generate("ed25519")).privateKey;
  }
}

/**
 * Reads a private key in PEM, PKCS#1, SEC 1 or PKCS#8. Throws an error that names `property` and
 * shows nothing of the key.
 */
export function parseKey(property: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const allowed = "RSA PRIVATE KEY, EC PRIVATE KEY or PRIVATE KEY";
    throw new Error(`${property} is not a private key in PEM; allowed: ${allowed}, not encrypted`);
  }
}

/** The algorithm of `key`. Throws for algorithms that the plugin does not know. */
export function algorithmOf(key: KeyObject): Algorithm {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    default:
      throw new Error(
        `got a key of type ${key.asymmetricKeyType}; allowed: ${ALGORITHMS.join(", ")}`,
      );
  }
}

/** The name of the curve of an ECDSA key. Throws for other keys and curves. */
export function curveOf(key: KeyObject): Curve {
  const name = key.asymmetricKeyDetails?.namedCurve;
  const found = Object.entries(CURVES).find(([, openssl]) => openssl === name);
  if (found !== undefined) return found[0] as Curve;
  throw new Error(`got the curve ${name}; allowed: ${Object.keys(CURVES).join(", ")}`);
}

/** The key in the PEM that is customary for its algorithm: PKCS#1, SEC 1 or PKCS#8. */
export function traditionalPem(key: KeyObject): string {
  const types = { RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const;
  return key.export({ format: "pem", type: types[algorithmOf(key)] }).toString();
}

/** The key in PKCS#8 PEM, which Java reads too. */
export function pkcs8Pem(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}
