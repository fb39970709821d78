import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineRun, type Live, requireLive, Scratch } from "../../harness.ts";

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
    require("@pulumi/pulumi").output(exports).apply((all) =>
      require("node:fs").writeFileSync("told.json", JSON.stringify(all)));`;
  // Secrets are shown by nobody, so the program itself writes down what it got.
  const told = (): Readonly<Record<string, unknown>> =>
    JSON.parse(readFileSync(join(scratch.folder, "project", "told.json"), "utf8"));
  const run = async (text: string): Promise<EngineRun> => {
    await scratch.write(text);
    const result = await scratch.up();
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result;
  };

  it("makes a chain that holds, by a plan that knew nothing yet", async () => {
    await scratch.write(program("a.example", 12, 1));
    const plan = await scratch.preview();
    assert.deepEqual(plan.changes, { create: 6 });
    assert.deepEqual((await run(program("a.example", 12, 1))).changes, { create: 6 });
    const { ca, leaf } = told();
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
    const { key, caKey } = told();
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
    const result = await run(program("b.example", 12, 1));
    assert.deepEqual(result.changes, { replace: 2, same: 4 });
    const { leaf } = told();
    assert.equal(new X509Certificate(String(leaf)).checkHost("a.example"), undefined);
  });

  it("updates the time of renewal in place, and renews when it has come", async () => {
    const { leaf } = told();
    assert.deepEqual((await run(program("b.example", 12, 2))).changes, { update: 1, same: 5 });
    assert.equal(told().leaf, leaf);
    assert.deepEqual((await run(program("b.example", 12, 12))).changes, { replace: 1, same: 5 });
    assert.notEqual(told().leaf, leaf);
  });
});
