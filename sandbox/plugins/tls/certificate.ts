import { createHash, type KeyObject, randomBytes } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  type Name,
  SubjectKeyIdentifier,
  type SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { alternativeNames, type Request } from "./request.ts";
import { schemeOf, signWith } from "./sign.ts";
import { extendedKeyUsage, keyUsage } from "./uses.ts";

const SERIAL_BYTES = 16;
const HOUR_MS = 3_600_000;

/** What is to be said of a certificate beyond whose it is. */
export interface Terms {
  readonly allowedUses: readonly string[];
  readonly validityPeriodHours: number;
  readonly isCaCertificate: boolean;
  /** How many authorities may follow below this one; -1: any number. Counts for an authority only. */
  readonly maxPathLength: number;
  readonly setSubjectKeyId: boolean;
}

/** Who signs. */
export interface Issuer {
  readonly key: KeyObject;
  readonly name: Name;
  /** The subject key identifier of the issuer's certificate, if it has one. */
  readonly keyId: ArrayBuffer | undefined;
}

/** A certificate and what the plugin tells of it. */
export interface Issued {
  readonly der: Uint8Array;
  /** In decimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Issues a certificate for `request`, valid from `now` on. */
export function issue(request: Request, terms: Terms, issuer: Issuer, now: Date): Issued {
  const serial = randomBytes(SERIAL_BYTES);
  const notAfter = new Date(now.getTime() + terms.validityPeriodHours * HOUR_MS);
  const { identifier } = schemeOf(issuer.key);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: toInteger(serial),
    signature: identifier,
    issuer: issuer.name,
    validity: new Validity({ notBefore: now, notAfter }),
    subject: request.subject,
    subjectPublicKeyInfo: request.publicKey,
    extensions: new Extensions(extensionsOf(request, terms, issuer)),
  });
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: identifier,
    signatureValue: signWith(issuer.key, AsnConvert.serialize(tbs)),
  });
  return {
    der: new Uint8Array(AsnConvert.serialize(certificate)),
    serial: BigInt(`0x${serial.toString("hex")}`).toString(),
    notBefore: now,
    notAfter,
  };
}

/** The identifier that a certificate with `terms` gives to its own key, if it gives one. */
export function ownKeyId(terms: Terms, key: SubjectPublicKeyInfo): ArrayBuffer | undefined {
  if (!terms.isCaCertificate && !terms.setSubjectKeyId) return undefined;
  const digest = createHash("sha1").update(Buffer.from(key.subjectPublicKey)).digest();
  return new Uint8Array(digest).buffer;
}

function extensionsOf(request: Request, terms: Terms, issuer: Issuer): Extension[] {
  const extensions: Extension[] = [];
  const add = (extnID: string, critical: boolean, value: unknown): void => {
    const extnValue = new OctetString(AsnConvert.serialize(value));
    extensions.push(new Extension({ extnID, critical, extnValue }));
  };
  const bits = keyUsage(terms.allowedUses);
  if (bits !== 0) add(id_ce_keyUsage, true, new KeyUsage(bits));
  const purposes = extendedKeyUsage(terms.allowedUses);
  if (purposes.length > 0) add(id_ce_extKeyUsage, false, new ExtendedKeyUsage([...purposes]));
  add(id_ce_basicConstraints, true, constraints(terms));
  const keyId = ownKeyId(terms, request.publicKey);
  if (keyId !== undefined) {
    add(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId));
  }
  if (issuer.keyId !== undefined) {
    const keyIdentifier = new KeyIdentifier(issuer.keyId);
    add(id_ce_authorityKeyIdentifier, false, new AuthorityKeyIdentifier({ keyIdentifier }));
  }
  if (request.names.length > 0) extensions.push(alternativeNames(request.names, request.subject));
  return extensions;
}

function constraints(terms: Terms): BasicConstraints {
  const limited = terms.isCaCertificate && terms.maxPathLength >= 0;
  return new BasicConstraints({
    cA: terms.isCaCertificate,
    ...(limited ? { pathLenConstraint: terms.maxPathLength } : {}),
  });
}

// A positive number in DER: no superfluous zeros in front, one where the first bit would be a sign.
function toInteger(bytes: Buffer): ArrayBuffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(Math.max(0, start));
  const signed = (short[0] ?? 0) >= 0x80 ? [0, ...short] : [...short];
  return Uint8Array.from(signed).buffer;
}
