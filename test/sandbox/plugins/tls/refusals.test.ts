import assert from "node:assert/strict";
import type { PropertyMap } from "../../../../sandbox/plugins/rpc/index.ts";
import { type Authority, kind, makeAuthority, makeKey } from "./pki.ts";

const FAST = { algorithm: "ECDSA", ecdsaCurve: "P256" };

describe("certificates that cannot be", () => {
  let authority: Authority;
  let other: PropertyMap;
  let request: PropertyMap;
  before(async () => {
    authority = await makeAuthority(FAST);
    other = await makeKey(FAST);
    const { privateKeyPem = null } = other;
    request = (await kind("CertRequest").create({ privateKeyPem })).state;
  });

  const sign = (more: PropertyMap): Promise<unknown> =>
    kind("LocallySignedCert").create({
      certRequestPem: request.certRequestPem ?? null,
      caCertPem: authority.certificate.certPem ?? null,
      caPrivateKeyPem: authority.key.privateKeyPem ?? null,
      allowedUses: [],
      validityPeriodHours: 1,
      ...more,
    });
  const selfSign = (more: PropertyMap): Promise<unknown> =>
    kind("SelfSignedCert").create({
      privateKeyPem: other.privateKeyPem ?? null,
      allowedUses: [],
      validityPeriodHours: 1,
      ...more,
    });

  it("fails when the key is not the authority's", async () => {
    await assert.rejects(sign({ caPrivateKeyPem: other.privateKeyPem ?? null }), {
      message: "caPrivateKeyPem is not the key of the certificate in caCertPem",
    });
  });

  it("fails when the authority's certificate is something else", async () => {
    await assert.rejects(sign({ caCertPem: request.certRequestPem ?? null }), {
      message: 'caCertPem has a PEM block of type "CERTIFICATE REQUEST"; allowed: "CERTIFICATE"',
    });
  });

  it("fails when the request is no PEM", async () => {
    await assert.rejects(sign({ certRequestPem: "please" }), {
      message: 'certRequestPem has no PEM block; allowed: "CERTIFICATE REQUEST"',
    });
  });

  it("fails when the key is none, without showing it", async () => {
    await assert.rejects(selfSign({ privateKeyPem: "hunter2" }), (error: Error) => {
      assert.match(error.message, /^privateKeyPem is not a private key in PEM; allowed: RSA PRIV/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });

  it("fails when an authority has no name", async () => {
    const message = "subject is empty; the certificate of an authority needs at least a commonName";
    await assert.rejects(selfSign({ isCaCertificate: true }), { message });
    await assert.rejects(sign({ isCaCertificate: true }), { message });
  });

  it("fails when it shall name a key identifier that it does not have", async () => {
    const message = "setAuthorityKeyId needs a subject key identifier; set setSubjectKeyId as well";
    await assert.rejects(selfSign({ setAuthorityKeyId: true }), { message });
  });

  const refused: readonly (readonly [string, PropertyMap, RegExp])[] = [
    [
      "a use is unknown",
      { allowedUses: ["serverAuth"] },
      /^allowedUses: got "serverAuth"; allowed: any_/,
    ],
    [
      "hours are negative",
      { validityPeriodHours: -1 },
      /^validityPeriodHours: got -1; allowed: 0 or/,
    ],
    [
      "an address is none",
      { ipAddresses: ["1.2.3"] },
      /^ipAddresses: got "1.2.3"; allowed: IPv4 or/,
    ],
    [
      "a name is not ASCII",
      { dnsNames: ["grüße.de"] },
      /^dnsNames: got "grüße.de"; allowed: names in/,
    ],
    ["a URI has no scheme", { uris: ["/x"] }, /^uris: got "\/x"; allowed: URIs with a scheme$/],
    [
      "a part of the subject is unknown",
      { subject: { cn: "x" } },
      /^subject.cn: no such part of a/,
    ],
    [
      "a key is write-only",
      { privateKeyPemWo: "x" },
      /^privateKeyPemWo: write-only inputs are not/,
    ],
  ];
  for (const [what, inputs, message] of refused) {
    it(`fails when ${what}`, async () => {
      await assert.rejects(selfSign(inputs), { message });
    });
  }
});
