import { type KeyObject, sign } from "node:crypto";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { algorithmOf, curveOf } from "./keys.ts";

/** How a key signs: the name that certificates carry, and the digest, none for Ed25519. */
export interface SignatureScheme {
  readonly identifier: AlgorithmIdentifier;
  readonly digest: "sha256" | "sha384" | "sha512" | undefined;
}

const ECDSA = {
  P224: { algorithm: "1.2.840.10045.4.3.2", digest: "sha256" },
  P256: { algorithm: "1.2.840.10045.4.3.2", digest: "sha256" },
  P384: { algorithm: "1.2.840.10045.4.3.3", digest: "sha384" },
  P521: { algorithm: "1.2.840.10045.4.3.4", digest: "sha512" },
} as const;

/** The scheme that suits the strength of `key`. */
export function schemeOf(key: KeyObject): SignatureScheme {
  switch (algorithmOf(key)) {
    case "RSA": {
      // RSA's identifier carries an explicit NULL, the others carry nothing.
      const rsa = { algorithm: "1.2.840.113549.1.1.11", parameters: null };
      return { identifier: new AlgorithmIdentifier(rsa), digest: "sha256" };
    }
    case "ECDSA": {
      const { algorithm, digest } = ECDSA[curveOf(key)];
      return { identifier: new AlgorithmIdentifier({ algorithm }), digest };
    }
    case "ED25519":
      return {
        identifier: new AlgorithmIdentifier({ algorithm: "1.3.101.112" }),
        digest: undefined,
      };
  }
}

/** Signs `data` as `schemeOf(key)` says. */
export function signWith(key: KeyObject, data: ArrayBuffer): ArrayBuffer {
  const signature = sign(schemeOf(key).digest, Buffer.from(data), key);
  return new Uint8Array(signature).buffer;
}
