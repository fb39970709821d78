import { createPublicKey, type KeyObject } from "node:crypto";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  Attribute,
  Extension,
  Extensions,
  type GeneralName,
  type Name,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";
import { schemeOf, signWith } from "./sign.ts";

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const ALTERNATIVE_NAME = "2.5.29.17";

/** What a certificate is asked for. */
export interface Request {
  readonly subject: Name;
  readonly publicKey: SubjectPublicKeyInfo;
  /** DNS names, addresses and URIs. */
  readonly names: readonly GeneralName[];
}

/** The public half of `key` as certificates carry it. */
export function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  return AsnConvert.parse(der, SubjectPublicKeyInfo);
}

/** The alternative names as an extension, critical where the subject says nothing. */
export function alternativeNames(names: readonly GeneralName[], subject: Name): Extension {
  return new Extension({
    extnID: ALTERNATIVE_NAME,
    critical: subject.length === 0,
    extnValue: new OctetString(AsnConvert.serialize(new SubjectAlternativeName([...names]))),
  });
}

/** Writes a PKCS#10 request in DER, signed by `key`. */
export function writeRequest(
  key: KeyObject,
  subject: Name,
  names: readonly GeneralName[],
): Uint8Array {
  const extensions = new Extensions([alternativeNames(names, subject)]);
  const wish = new Attribute({
    type: EXTENSION_REQUEST,
    values: [AsnConvert.serialize(extensions)],
  });
  const info = new CertificationRequestInfo({
    subject,
    subjectPKInfo: publicKeyInfo(key),
    attributes: new Attributes(names.length === 0 ? [] : [wish]),
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: schemeOf(key).identifier,
    signature: signWith(key, AsnConvert.serialize(info)),
  });
  return new Uint8Array(AsnConvert.serialize(request));
}

/** Reads a PKCS#10 request. Of its names it keeps those that `Request.names` tells of. */
export function readRequest(der: Uint8Array): Request {
  const { certificationRequestInfo: info } = AsnConvert.parse(der, CertificationRequest);
  const wishes = [...(info.attributes ?? [])].filter(({ type }) => type === EXTENSION_REQUEST);
  const extensions = wishes.flatMap(({ values }) =>
    values.flatMap((value) => [...AsnConvert.parse(value, Extensions)]),
  );
  const names = extensions
    .filter(({ extnID }) => extnID === ALTERNATIVE_NAME)
    .flatMap(({ extnValue }) => [...AsnConvert.parse(extnValue, SubjectAlternativeName)])
    .filter((name) => name.dNSName ?? name.iPAddress ?? name.uniformResourceIdentifier);
  return { subject: info.subject, publicKey: info.subjectPKInfo, names };
}
