import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { type PropertyMap, Secret, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";
import {
  type Authority,
  Files,
  KEY_SORTS,
  kind,
  makeAuthority,
  makeKey,
  makeLeaf,
  text,
} from "./pki.ts";

const FAST = { algorithm: "ECDSA", ecdsaCurve: "P256" };
const HOUR_MS = 3_600_000;

describe("certificates", () => {
  const files = new Files();
  let authority: Authority;
  before(async () => {
    authority = await makeAuthority(FAST);
  });
  after(() => files.close());

  const show = (certificate: PropertyMap, extension: string): string => {
    const path = files.write(text(certificate.certPem));
    const shown = files.run("openssl", "x509", "-in", path, "-noout", "-ext", extension);
    return shown.replace(/\s*\n\s*/g, " ").trim();
  };
  const verify = (
    certificate: PropertyMap,
    root: PropertyMap,
    ...more: readonly string[]
  ): string => {
    const roots = ["-CAfile", files.write(text(root.certPem)), "-x509_strict"];
    return files.run(
      "openssl",
      "verify",
      ...roots,
      ...more,
      files.write(text(certificate.certPem)),
    );
  };

  for (const sort of KEY_SORTS) {
    it(`${Object.values(sort).join(" ")}: openssl verifies the chain for its purpose alone`, async () => {
      const root = await makeAuthority(sort);
      const leaf = await makeLeaf(root, sort, { dnsNames: ["a.example"] }, {});
      assert.match(verify(leaf, root.certificate, "-purpose", "sslserver"), /: OK\n$/);
      assert.throws(
        () => verify(leaf, root.certificate, "-purpose", "sslclient"),
        /unsuitable|purpose/,
      );
      assert.throws(() => verify(leaf, authority.certificate), /unable to get local issuer/);
    });
  }

  it("carry every sort of name, whatever it is", async () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
    const names = fc.record({
      dnsNames: fc.array(
        fc.tuple(label, label).map((parts) => parts.join(".")),
        { maxLength: 3 },
      ),
      ipAddresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 3 }),
      uris: fc.array(
        label.map((one) => `spiffe://cluster/${one}`),
        { maxLength: 3 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const leaf = await makeLeaf(authority, FAST, given, {});
        const certificate = new X509Certificate(text(leaf.certPem));
        const found = certificate.subjectAltName?.split(", ") ?? [];
        const count = given.dnsNames.length + given.ipAddresses.length + given.uris.length;
        assert.equal(found.length, count);
        for (const name of given.dnsNames) assert.equal(certificate.checkHost(name), name);
        for (const address of given.ipAddresses) {
          assert.equal(certificate.checkIP(address), address);
        }
        for (const uri of given.uris) assert.ok(found.includes(`URI:${uri}`));
      }),
      { numRuns: 25 },
    );
  });

  it("carry the subject in the order of the real plugin", async () => {
    const subject = {
      commonName: "cn",
      country: "DE",
      emailAddress: "a@b.example",
      locality: "l",
      organization: "Grüße",
      organizationalUnit: "",
      postalCode: "1",
      province: "st",
      serialNumber: "7",
      streetAddresses: ["x", "y"],
    };
    const { certificate } = await makeAuthority(FAST, { subject });
    const path = files.write(text(certificate.certPem));
    const format = ["-nameopt", "RFC2253,-dn_rev,-esc_msb,utf8"];
    const shown = files.run("openssl", "x509", "-in", path, "-noout", "-subject", ...format);
    assert.equal(
      shown.trim(),
      "subject=C=DE,O=Grüße,L=l,ST=st,street=x+street=y,postalCode=1,CN=cn,serialNumber=7," +
        "emailAddress=a@b.example",
    );
  });

  it("say what they may be used for", async () => {
    const allowedUses = ["digital_signature", "key_encipherment", "client_auth", "server_auth"];
    const leaf = await makeLeaf(authority, FAST, { dnsNames: ["a"] }, { allowedUses });
    const usage = "X509v3 Key Usage: critical Digital Signature, Key Encipherment";
    assert.equal(show(leaf, "keyUsage"), usage);
    const purposes = "TLS Web Client Authentication, TLS Web Server Authentication";
    assert.equal(show(leaf, "extendedKeyUsage"), `X509v3 Extended Key Usage: ${purposes}`);
  });

  it("say whether they are an authority, and how deep", async () => {
    const leaf = await makeLeaf(authority, FAST, { dnsNames: ["a"] }, {});
    assert.equal(show(leaf, "basicConstraints"), "X509v3 Basic Constraints: critical CA:FALSE");
    const open = "X509v3 Basic Constraints: critical CA:TRUE";
    assert.equal(show(authority.certificate, "basicConstraints"), open);
    const { certificate } = await makeAuthority(FAST, { maxPathLength: 0 });
    assert.equal(show(certificate, "basicConstraints"), `${open}, pathlen:0`);
  });

  it("may be an authority below another, and openssl follows the chain", async () => {
    const key = await makeKey(FAST);
    const names: PropertyMap = {
      privateKeyPem: key.privateKeyPem ?? null,
      subject: { commonName: "below" },
    };
    const request = await kind("CertRequest").create(names);
    const { state: certificate } = await kind("LocallySignedCert").create({
      certRequestPem: request.state.certRequestPem ?? null,
      caCertPem: authority.certificate.certPem ?? null,
      caPrivateKeyPem: authority.key.privateKeyPem ?? null,
      allowedUses: ["cert_signing"],
      validityPeriodHours: 1,
      isCaCertificate: true,
    });
    const leaf = await makeLeaf({ key, certificate }, FAST, { dnsNames: ["a"] }, {});
    const between = ["-untrusted", files.write(text(certificate.certPem))];
    assert.match(verify(leaf, authority.certificate, ...between), /: OK\n$/);
    assert.throws(() => verify(leaf, authority.certificate), /unable to get local issuer/);
  });

  it("name their own key where asked, and always the key of their authority", async () => {
    const bare = await makeLeaf(authority, FAST, { dnsNames: ["a"] }, {});
    const named = await makeLeaf(authority, FAST, { dnsNames: ["a"] }, { setSubjectKeyId: true });
    assert.match(show(named, "subjectKeyIdentifier"), /Identifier: ([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    assert.equal(show(bare, "subjectKeyIdentifier"), "");
    const own = show(authority.certificate, "subjectKeyIdentifier").split(": ")[1];
    for (const leaf of [bare, named]) {
      assert.equal(show(leaf, "authorityKeyIdentifier").split(": ")[1], own);
    }
    assert.equal(show(authority.certificate, "authorityKeyIdentifier"), "");
    const { certificate } = await makeAuthority(FAST, { setAuthorityKeyId: true });
    const self = show(certificate, "subjectKeyIdentifier").split(": ")[1];
    assert.equal(show(certificate, "authorityKeyIdentifier").split(": ")[1], self);
  });

  it("are valid from now on for as long as asked, past 2049 too", async () => {
    const now = new Date("2030-01-02T03:04:05.000Z");
    const hours = 24 * 365 * 40;
    const key = await makeKey(FAST);
    const { id, state } = await kind("SelfSignedCert", () => now).create({
      privateKeyPem: key.privateKeyPem ?? null,
      allowedUses: [],
      validityPeriodHours: hours,
    });
    const certificate = new X509Certificate(text(state.certPem));
    assert.equal(certificate.validFromDate.toISOString(), now.toISOString());
    assert.equal(certificate.validToDate.getTime(), now.getTime() + hours * HOUR_MS);
    assert.equal(state.validityStartTime, now.toISOString());
    assert.equal(state.validityEndTime, certificate.validToDate.toISOString());
    assert.equal(id, BigInt(`0x${certificate.serialNumber}`).toString());
    assert.equal(state.keyAlgorithm, "ECDSA");
  });

  it("have serial numbers that are positive and differ", async () => {
    const serials = new Set<string>();
    const { privateKeyPem = null } = await makeKey(FAST);
    for (let turn = 0; turn < 40; turn += 1) {
      const inputs: PropertyMap = { privateKeyPem, allowedUses: [], validityPeriodHours: 1 };
      const { state } = await kind("SelfSignedCert").create(inputs);
      const serial = new X509Certificate(text(state.certPem)).serialNumber;
      assert.match(serial, /^[0-9A-F]+$/);
      serials.add(serial);
    }
    assert.equal(serials.size, 40);
  });

  it("are replaced once they are due, and a refresh says so", async () => {
    let now = new Date("2030-01-01T00:00:00Z");
    const certificates = kind("SelfSignedCert", () => now);
    const { privateKeyPem = null } = await makeKey(FAST);
    const inputs: PropertyMap = {
      privateKeyPem,
      allowedUses: [],
      validityPeriodHours: 10,
      earlyRenewalHours: 3,
    };
    const { state } = await certificates.create(inputs);
    assert.equal(state.readyForRenewal, false);
    now = new Date("2030-01-01T06:59:59Z");
    assert.equal((await certificates.diff({}, state, inputs)).changed, false);
    assert.equal((await certificates.read("1", state)).state.readyForRenewal, false);
    now = new Date("2030-01-01T07:00:00Z");
    const due = await certificates.diff({}, state, inputs);
    assert.deepEqual(due.replaces, ["readyForRenewal"]);
    assert.deepEqual(due.detailed, { readyForRenewal: "update-replace" });
    const { state: refreshed } = await certificates.read("1", state);
    assert.deepEqual(refreshed, { ...state, readyForRenewal: true });
    const later = await certificates.diff({}, state, { ...inputs, earlyRenewalHours: 2 });
    assert.deepEqual(later.detailed, { earlyRenewalHours: "update" });
    assert.deepEqual(later.replaces, []);
  });

  it("keep the private key a secret in the state", async () => {
    assert.ok(authority.certificate.privateKeyPem instanceof Secret);
    const request = await kind("CertRequest").create({
      privateKeyPem: text(authority.key.privateKeyPem),
    });
    assert.ok(request.state.privateKeyPem instanceof Secret);
  });

  it("are planned without a key that is not known yet", async () => {
    const inputs: PropertyMap = { privateKeyPem: UNKNOWN, allowedUses: [], validityPeriodHours: 1 };
    const { state } = await kind("SelfSignedCert").create(inputs, true);
    assert.equal(state.certPem, UNKNOWN);
    assert.equal(state.validityPeriodHours, 1);
  });
});
