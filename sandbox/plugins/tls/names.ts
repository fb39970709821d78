import { isIP } from "node:net";
import {
  AttributeTypeAndValue,
  AttributeValue,
  GeneralName,
  Name,
  RelativeDistinguishedName,
} from "@peculiar/asn1-x509";
import type { Plain } from "../rpc/index.ts";

const EMAIL = "1.2.840.113549.1.9.1";

// In the order in which the real plugin writes them.
const ATTRIBUTES: readonly (readonly [string, string])[] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
  ["emailAddress", EMAIL],
];

/** The parts of a distinguished name that a subject may have. */
export const SUBJECT_PARTS: readonly string[] = ATTRIBUTES.map(([name]) => name);

/** Writes a subject given by its parts; a part that is absent or empty is left out. */
export function toName(subject: Readonly<Record<string, Plain>>): Name {
  return new Name(
    ATTRIBUTES.flatMap(([name, type]) => {
      const values = [subject[name] ?? []].flat().filter((value) => value !== "");
      if (values.length === 0) return [];
      const entries = values.map(
        (value) => new AttributeTypeAndValue({ type, value: toValue(type, String(value)) }),
      );
      return [new RelativeDistinguishedName(entries)];
    }),
  );
}

function toValue(type: string, value: string): AttributeValue {
  if (type === EMAIL) return new AttributeValue({ ia5String: value });
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  return new AttributeValue(printable ? { printableString: value } : { utf8String: value });
}

/** What a certificate may be used under besides its subject. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** Writes alternative names: DNS names, then addresses, then URIs. */
export function toGeneralNames(names: AlternativeNames): readonly GeneralName[] {
  return [
    ...names.dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...names.ipAddresses.map((one) => new GeneralName({ iPAddress: plainAddress(one) })),
    ...names.uris.map((uri) => new GeneralName({ uniformResourceIdentifier: uri })),
  ];
}

// The ASN.1 schemas misread an IPv6 address that ends like an IPv4 one; a URL writes it without.
function plainAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** What is wrong with `names`, by input; empty where nothing is. */
export function checkNames(names: AlternativeNames): Readonly<Record<string, string>> {
  const badName = names.dnsNames.find((one) => !/^[!-~]+$/.test(one));
  const badAddress = names.ipAddresses.find((one) => isIP(one) === 0 || one.includes("%"));
  const badUri = names.uris.find((one) => !URL.canParse(one));
  return {
    ...(badName === undefined ? {} : { dnsNames: `got "${badName}"; allowed: names in ASCII` }),
    ...(badAddress === undefined
      ? {}
      : { ipAddresses: `got "${badAddress}"; allowed: IPv4 or IPv6 addresses` }),
    ...(badUri === undefined ? {} : { uris: `got "${badUri}"; allowed: URIs with a scheme` }),
  };
}
