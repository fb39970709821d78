import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, SubjectKeyIdentifier } from "@peculiar/asn1-x509";
import type { Kind, Made, Values } from "../bridged/kind.ts";
import type { CheckFailure, Plain } from "../rpc/index.ts";
import { type Issued, type Issuer, issue, ownKeyId, type Terms } from "./certificate.ts";
import { CERTIFICATE_FIELDS, KEY_FIELDS, NAME_FIELDS, writeOnly } from "./fields.ts";
import { algorithmOf, parseKey } from "./keys.ts";
import {
  type AlternativeNames,
  checkNames,
  SUBJECT_PARTS,
  toGeneralNames,
  toName,
} from "./names.ts";
import { fromPem, toPem } from "./pem.ts";
import { publicKeyInfo, readRequest, writeRequest } from "./request.ts";
import { ALLOWED_USES } from "./uses.ts";

const HOUR_MS = 3_600_000;
const SUBJECT_KEY_ID = "2.5.29.14";

const CERTIFICATE_OUTPUTS = {
  certPem: "open",
  readyForRenewal: "open",
  validityEndTime: "open",
  validityStartTime: "open",
} as const;

/** A request for a certificate, to be signed by whomever. */
export const certRequest: Kind = {
  fields: { ...KEY_FIELDS, ...NAME_FIELDS },
  outputs: { certRequestPem: "open", keyAlgorithm: "open" },
  validate: checkSubject,
  async make(values) {
    const key = keyOf("privateKeyPem", values.privateKeyPem);
    const der = writeRequest(key, subjectOf(values), toGeneralNames(namesOf(values)));
    return {
      id: createHash("sha1").update(der).digest("hex"),
      outputs: {
        certRequestPem: toPem("CERTIFICATE REQUEST", der),
        keyAlgorithm: algorithmOf(key),
      },
    };
  },
};

/** A certificate that is signed by its own key. */
export function selfSignedCert(now: () => Date): Kind {
  return {
    fields: {
      ...KEY_FIELDS,
      ...NAME_FIELDS,
      ...CERTIFICATE_FIELDS,
      setAuthorityKeyId: { type: "boolean", default: false },
    },
    outputs: { ...CERTIFICATE_OUTPUTS, keyAlgorithm: "open" },
    validate: (values) => [...checkSubject(values), ...checkTerms(values)],
    async make(values) {
      const key = keyOf("privateKeyPem", values.privateKeyPem);
      const terms = termsOf(values);
      const request = {
        subject: subjectOf(values),
        publicKey: publicKeyInfo(key),
        names: toGeneralNames(namesOf(values)),
      };
      if (terms.isCaCertificate && request.subject.length === 0) throw new Error(NO_SUBJECT);
      const keyId = ownKeyId(terms, request.publicKey);
      const wantsAuthority = values.setAuthorityKeyId === true;
      if (wantsAuthority && keyId === undefined) throw new Error(NO_KEY_ID);
      const issuer = { key, name: request.subject, keyId: wantsAuthority ? keyId : undefined };
      const made = madeOf(issue(request, terms, issuer, now()));
      return { ...made, outputs: { ...made.outputs, keyAlgorithm: algorithmOf(key) } };
    },
    expired: expiredAt(now),
  };
}

const NO_SUBJECT = "subject is empty; the certificate of an authority needs at least a commonName";
const NO_KEY_ID = "setAuthorityKeyId needs a subject key identifier; set setSubjectKeyId as well";

/** A certificate that is signed by an authority in the program. */
export function locallySignedCert(now: () => Date): Kind {
  return {
    fields: {
      ...CERTIFICATE_FIELDS,
      ...writeOnly("caPrivateKeyPem"),
      caCertPem: { type: "string", required: true },
      certRequestPem: { type: "string", required: true },
    },
    outputs: { ...CERTIFICATE_OUTPUTS, caKeyAlgorithm: "open" },
    validate: checkTerms,
    async make(values) {
      const request = readRequest(
        fromPem("certRequestPem", "CERTIFICATE REQUEST", String(values.certRequestPem)),
      );
      const terms = termsOf(values);
      if (terms.isCaCertificate && request.subject.length === 0) throw new Error(NO_SUBJECT);
      const key = keyOf("caPrivateKeyPem", values.caPrivateKeyPem);
      const issuer = issuerOf(String(values.caCertPem), key);
      const made = madeOf(issue(request, terms, issuer, now()));
      return { ...made, outputs: { ...made.outputs, caKeyAlgorithm: algorithmOf(key) } };
    },
    expired: expiredAt(now),
  };
}

function keyOf(property: string, pem: Plain | undefined): KeyObject {
  return parseKey(property, String(pem ?? ""));
}

function issuerOf(pem: string, key: KeyObject): Issuer {
  const der = fromPem("caCertPem", "CERTIFICATE", pem);
  if (!new X509Certificate(der).checkPrivateKey(key)) {
    throw new Error("caPrivateKeyPem is not the key of the certificate in caCertPem");
  }
  const { tbsCertificate: authority } = AsnConvert.parse(der, Certificate);
  const extension = authority.extensions?.find(({ extnID }) => extnID === SUBJECT_KEY_ID);
  const keyId =
    extension && AsnConvert.parse(extension.extnValue, SubjectKeyIdentifier).buffer.slice(0);
  return { key, name: authority.subject, keyId };
}

function madeOf(issued: Issued): Made {
  return {
    id: issued.serial,
    outputs: {
      certPem: toPem("CERTIFICATE", issued.der),
      readyForRenewal: false,
      validityEndTime: issued.notAfter.toISOString(),
      validityStartTime: issued.notBefore.toISOString(),
    },
  };
}

function expiredAt(now: () => Date): (state: Values) => Values {
  return (state) => {
    const end = Date.parse(String(state.validityEndTime));
    const due = end - Number(state.earlyRenewalHours ?? 0) * HOUR_MS;
    return now().getTime() >= due ? { readyForRenewal: true } : {};
  };
}

function strings(value: Plain | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function namesOf(values: Values): AlternativeNames {
  return {
    dnsNames: strings(values.dnsNames),
    ipAddresses: strings(values.ipAddresses),
    uris: strings(values.uris),
  };
}

function subjectOf(values: Values): ReturnType<typeof toName> {
  return toName((values.subject ?? {}) as Readonly<Record<string, Plain>>);
}

function termsOf(values: Values): Terms {
  return {
    allowedUses: strings(values.allowedUses),
    validityPeriodHours: Number(values.validityPeriodHours),
    isCaCertificate: values.isCaCertificate === true,
    maxPathLength: Number(values.maxPathLength),
    setSubjectKeyId: values.setSubjectKeyId === true,
  };
}

function checkSubject(values: Values): readonly CheckFailure[] {
  const parts = Object.keys((values.subject ?? {}) as object);
  const foreign = parts.filter((part) => !SUBJECT_PARTS.includes(part));
  const names = Object.entries(checkNames(namesOf(values)));
  return [
    ...foreign.map((part) => ({
      property: `subject.${part}`,
      reason: `no such part of a subject; allowed: ${SUBJECT_PARTS.join(", ")}`,
    })),
    ...names.map(([property, reason]) => ({ property, reason })),
  ];
}

function checkTerms(values: Values): readonly CheckFailure[] {
  const least = { validityPeriodHours: 0, earlyRenewalHours: 0, maxPathLength: -1 };
  const numbers = Object.entries(least)
    .filter(([property, bound]) => Number(values[property] ?? bound) < bound)
    .map(([property, bound]) => ({
      property,
      reason: `got ${values[property]}; allowed: ${bound} or more`,
    }));
  const foreign = strings(values.allowedUses).filter((use) => !ALLOWED_USES.includes(use));
  const uses = foreign.map((use) => ({
    property: "allowedUses",
    reason: `got "${use}"; allowed: ${ALLOWED_USES.join(", ")}`,
  }));
  return [...numbers, ...uses];
}
