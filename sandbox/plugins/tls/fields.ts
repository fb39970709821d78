import type { Field } from "../bridged/kind.ts";

type Fields = Readonly<Record<string, Field>>;

const REFUSED = "write-only inputs are not supported by the stand-in; give the one without Wo";

/** A private key as an input, and its write-only variant, which only the real plugin takes. */
export function writeOnly(name: string): Fields {
  return {
    [name]: { type: "string", required: true, secret: true },
    [`${name}Wo`]: { type: "string", refused: REFUSED },
    [`${name}WoVersion`]: { type: "number", refused: REFUSED },
  };
}

/** The key that a request or certificate belongs to. */
export const KEY_FIELDS: Fields = writeOnly("privateKeyPem");

/** Whom a request or certificate is for. */
export const NAME_FIELDS: Fields = {
  dnsNames: { type: "strings" },
  ipAddresses: { type: "strings" },
  subject: { type: "object" },
  uris: { type: "strings" },
};

/** What every certificate is told, whoever signs it. */
export const CERTIFICATE_FIELDS: Fields = {
  allowedUses: { type: "strings", required: true },
  earlyRenewalHours: { type: "number", default: 0, inPlace: true },
  isCaCertificate: { type: "boolean", default: false },
  maxPathLength: { type: "number", default: -1 },
  setSubjectKeyId: { type: "boolean", default: false },
  validityPeriodHours: { type: "number", required: true },
};
