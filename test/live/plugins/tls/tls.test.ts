import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type Live, requireLive, Scratch, tell } from "../../harness.ts";

describe("tls plugin: certificates from creation to renewal", function () {
  this.timeout(300_000);
  let live: Live;
  let scratch: Scratch;

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-tls", live);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const program = (name: string, hours: number, early: number) => `
    const tls = require("@pulumi/tls");
    const ec = { algorithm: "ECDSA", ecdsaCurve: "P256" };
    const caKey = new tls.PrivateKey("ca", ec);
    const ca = new tls.SelfSignedCert("ca", {
      privateKeyPem: caKey.privateKeyPem, subject: { commonName: "ca" }, isCaCertificate: true,
      allowedUses: ["cert_signing"], validityPeriodHours: 24,
    });
    const key = new tls.PrivateKey("leaf", ec);
    const request = new tls.CertRequest("leaf", {
      privateKeyPem: key.privateKeyPem, dnsNames: ["${name}"], subject: { commonName: "leaf" },
    });
    const leaf = new tls.LocallySignedCert("leaf", {
      certRequestPem: request.certRequestPem, caCertPem: ca.certPem,
      caPrivateKeyPem: caKey.privateKeyPem, allowedUses: ["server_auth"],
      validityPeriodHours: ${hours}, earlyRenewalHours: ${early},
    });
    exports.ca = ca.certPem;
    exports.leaf = leaf.certPem;
    exports.key = key.privateKeyPemPkcs8;
    exports.caKey = caKey.privateKeyPem;
    ${tell}`;

  it("makes a chain that holds, by a plan that knew nothing yet", async () => {
    await scratch.write(program("a.example", 12, 1));
    const plan = await scratch.preview();
    assert.deepEqual(plan.changes, { create: 6 });
    assert.deepEqual((await scratch.apply(program("a.example", 12, 1))).changes, { create: 6 });
    const { ca, leaf } = scratch.told();
    const certificate = new X509Certificate(String(leaf));
    assert.equal(certificate.verify(new X509Certificate(String(ca)).publicKey), true);
    assert.equal(certificate.checkHost("a.example"), "a.example");
  });

  it("finds nothing to do, and no drift", async () => {
    assert.deepEqual((await scratch.up("--expect-no-changes")).changes, { same: 6 });
    const refreshed = await scratch.refresh("--expect-no-changes");
    assert.equal(refreshed.code, 0, refreshed.stdout);
  });

  it("keeps private keys out of the state and the output", async () => {
    const { key, caKey } = scratch.told();
    const exported = await scratch.export();
    assert.doesNotMatch(exported, /BEGIN [A-Z ]*PRIVATE KEY/);
    const { stdout, stderr } = await scratch.up();
    for (const secret of [key, caKey]) {
      // The second line is the first that holds anything of the key.
      const line = String(secret).split("\n")[1] ?? "";
      assert.equal(line.length, 64);
      for (const text of [exported, stdout + stderr]) {
        assert.ok(!text.includes(line), "private key in clear");
      }
    }
  });

  it("replaces what depends on a changed name, and nothing else", async () => {
    const result = await scratch.apply(program("b.example", 12, 1));
    assert.deepEqual(result.changes, { replace: 2, same: 4 });
    const { leaf } = scratch.told();
    assert.equal(new X509Certificate(String(leaf)).checkHost("a.example"), undefined);
  });

  it("updates the time of renewal in place, and renews when it has come", async () => {
    const { leaf } = scratch.told();
    assert.deepEqual((await scratch.apply(program("b.example", 12, 2))).changes, {
      update: 1,
      same: 5,
    });
    assert.equal(scratch.told().leaf, leaf);
    assert.deepEqual((await scratch.apply(program("b.example", 12, 12))).changes, {
      replace: 1,
      same: 5,
    });
    assert.notEqual(scratch.told().leaf, leaf);
  });
});
