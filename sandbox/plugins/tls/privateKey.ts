import { createHash, createPublicKey } from "node:crypto";
import type { Kind, Values } from "../bridged/kind.ts";
import type { CheckFailure } from "../rpc/index.ts";
import {
  ALGORITHMS,
  type Algorithm,
  CURVES,
  type Curve,
  generateKey,
  pkcs8Pem,
  traditionalPem,
} from "./keys.ts";
import { toOpenssh } from "./openssh.ts";

// What OpenSSL makes within seconds and still takes as secure at its default level.
const RSA_BITS = { least: 2048, most: 16_384 };

/** A private key, kept in the state as a secret. */
export const privateKey: Kind = {
  fields: {
    algorithm: { type: "string", required: true },
    ecdsaCurve: { type: "string", default: "P224" },
    rsaBits: { type: "number", default: 2048 },
  },
  outputs: {
    privateKeyOpenssh: "secret",
    privateKeyPem: "secret",
    privateKeyPemPkcs8: "secret",
    publicKeyFingerprintMd5: "open",
    publicKeyFingerprintSha256: "open",
    publicKeyOpenssh: "open",
    publicKeyPem: "open",
  },
  validate,
  async make(values) {
    const key = await generateKey(
      values.algorithm as Algorithm,
      values.ecdsaCurve as Curve,
      Number(values.rsaBits),
    );
    const publicKey = createPublicKey(key);
    const openssh = toOpenssh(key);
    const der = publicKey.export({ format: "der", type: "spki" });
    return {
      id: createHash("sha1").update(der).digest("hex"),
      outputs: {
        privateKeyOpenssh: openssh.privateKey,
        privateKeyPem: traditionalPem(key),
        privateKeyPemPkcs8: pkcs8Pem(key),
        publicKeyFingerprintMd5: openssh.fingerprintMd5,
        publicKeyFingerprintSha256: openssh.fingerprintSha256,
        publicKeyOpenssh: openssh.publicKey,
        publicKeyPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
      },
    };
  },
};

function validate(values: Values): readonly CheckFailure[] {
  return [
    ...oneOf("algorithm", values.algorithm, ALGORITHMS),
    ...oneOf("ecdsaCurve", values.ecdsaCurve, Object.keys(CURVES)),
    ...checkBits(values.rsaBits),
  ];
}

function oneOf(
  property: string,
  value: Values[string] | undefined,
  allowed: readonly string[],
): readonly CheckFailure[] {
  if (value === undefined || allowed.includes(String(value))) return [];
  return [{ property, reason: `got "${value}"; allowed: ${allowed.join(", ")}` }];
}

function checkBits(value: Values[string] | undefined): readonly CheckFailure[] {
  if (value === undefined) return [];
  const bits = Number(value);
  if (bits >= RSA_BITS.least && bits <= RSA_BITS.most) return [];
  const reason = `got ${bits}; allowed: ${RSA_BITS.least} to ${RSA_BITS.most}`;
  return [{ property: "rsaBits", reason }];
}
