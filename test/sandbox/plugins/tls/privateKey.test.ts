import assert from "node:assert/strict";
import { createHash, createPublicKey } from "node:crypto";
import { Secret } from "../../../../sandbox/plugins/rpc/index.ts";
import { tlsKinds } from "../../../../sandbox/plugins/tls/kinds.ts";
import { describeContract } from "../bridged/contract.ts";
import { Files, KEY_SORTS, kind, makeKey, text } from "./pki.ts";

describeContract(
  "tls",
  tlsKinds(() => new Date()),
);

const LABELS: Readonly<Record<string, string>> = {
  RSA: "RSA PRIVATE KEY",
  ECDSA: "EC PRIVATE KEY",
  ED25519: "PRIVATE KEY",
};

describe("PrivateKey", () => {
  const files = new Files();
  after(() => files.close());

  for (const sort of KEY_SORTS) {
    const name = Object.values(sort).join(" ");

    it(`${name}: all notations are of one key, as openssl reads them`, async () => {
      const key = await makeKey(sort);
      const traditional = text(key.privateKeyPem);
      assert.ok(traditional.startsWith(`-----BEGIN ${LABELS[text(sort.algorithm)]}-----\n`));
      const pkcs8 = text(key.privateKeyPemPkcs8);
      assert.ok(pkcs8.startsWith("-----BEGIN PRIVATE KEY-----\n"));
      for (const pem of [traditional, pkcs8]) {
        const path = files.write(pem);
        files.run("openssl", "pkey", "-in", path, "-check", "-noout");
        assert.equal(files.run("openssl", "pkey", "-in", path, "-pubout"), key.publicKeyPem);
      }
    });

    it(`${name}: what was secret in the SDK is secret`, async () => {
      const key = await makeKey(sort);
      const secret = Object.keys(key).filter((one) => key[one] instanceof Secret);
      assert.deepEqual(secret.sort(), ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
    });

    if (sort.ecdsaCurve === "P224") continue;

    it(`${name}: ssh-keygen reads the OpenSSH notations`, async () => {
      const key = await makeKey(sort);
      const path = files.write(text(key.privateKeyOpenssh));
      assert.equal(files.run("ssh-keygen", "-y", "-f", path), key.publicKeyOpenssh);
      const publicPath = files.write(text(key.publicKeyOpenssh));
      const sha256 = files.run("ssh-keygen", "-l", "-f", publicPath);
      assert.equal(sha256.split(" ")[1], key.publicKeyFingerprintSha256);
      const md5 = files.run("ssh-keygen", "-l", "-E", "md5", "-f", publicPath);
      assert.equal(md5.split(" ")[1], `MD5:${text(key.publicKeyFingerprintMd5)}`);
    });
  }

  it("has no OpenSSH notation for P-224", async () => {
    const key = await makeKey({ algorithm: "ECDSA", ecdsaCurve: "P224" });
    assert.deepEqual(key.privateKeyOpenssh, new Secret(""));
    assert.equal(key.publicKeyOpenssh, "");
    assert.equal(key.publicKeyFingerprintMd5, "");
    assert.equal(key.publicKeyFingerprintSha256, "");
  });

  it("has the digest of the public key as its ID", async () => {
    const { id, state } = await kind("PrivateKey").create({ algorithm: "ED25519" });
    const der = createPublicKey(text(state.publicKeyPem)).export({ format: "der", type: "spki" });
    assert.equal(id, createHash("sha1").update(der).digest("hex"));
  });

  it("has the defaults of the real plugin", async () => {
    const key = await makeKey({ algorithm: "ED25519" });
    assert.equal(key.ecdsaCurve, "P224");
    assert.equal(key.rsaBits, 2048);
  });

  it("is replaced when its algorithm changes", async () => {
    const keys = kind("PrivateKey");
    const { state } = await keys.create({ algorithm: "ED25519" });
    const diff = await keys.diff({}, state, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    assert.deepEqual(diff.replaces, ["algorithm", "ecdsaCurve"]);
  });

  it("fails when the algorithm is unknown", async () => {
    await assert.rejects(kind("PrivateKey").check({ algorithm: "DSA" }), {
      message: 'algorithm: got "DSA"; allowed: RSA, ECDSA, ED25519',
    });
  });

  it("fails when the curve is unknown", async () => {
    await assert.rejects(kind("PrivateKey").check({ algorithm: "ECDSA", ecdsaCurve: "P-256" }), {
      message: 'ecdsaCurve: got "P-256"; allowed: P224, P256, P384, P521',
    });
  });

  it("fails when an RSA key would be too short", async () => {
    await assert.rejects(kind("PrivateKey").check({ algorithm: "RSA", rsaBits: 1024 }), {
      message: "rsaBits: got 1024; allowed: 2048 to 16384",
    });
  });
});
