import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  identities,
  identityFiles,
  makeCertificates,
  serviceAccountFiles,
} from "../../sandbox/certificates.ts";
import { createRun } from "../../sandbox/run.ts";

describe("certificates", () => {
  const run = createRun();
  let parent: string;
  let folder: string;

  before(async () => {
    parent = mkdtempSync(join(tmpdir(), "certificates-"));
    folder = join(parent, "set");
    await makeCertificates(folder, run);
  });

  after(() => rmSync(parent, { recursive: true }));

  it("are accepted by openssl for what they are for, and for that only", async () => {
    for (const { name, serves } of identities) {
      const { authority, certificate } = identityFiles(folder, name);
      const verify = (purpose: string) =>
        run("openssl", [
          "verify",
          "-x509_strict",
          "-purpose",
          purpose,
          "-CAfile",
          authority,
          certificate,
        ]);
      assert.equal(await verify("sslclient"), `${certificate}: OK\n`);
      if (serves) assert.equal(await verify("sslserver"), `${certificate}: OK\n`);
      else await assert.rejects(verify("sslserver"), /unsuitable certificate purpose/);
    }
  });

  it("carry the user, the group and the names of the table", async () => {
    for (const { name, user, group, serves = [] } of identities) {
      const { certificate } = identityFiles(folder, name);
      const show = (...what: string[]) =>
        run("openssl", ["x509", "-in", certificate, "-noout", ...what]);
      const subject = `subject=${group ? `O = ${group}, ` : ""}CN = ${user}\n`;
      assert.equal(await show("-subject"), subject);
      const names = (await show("-ext", "subjectAltName").catch(() => ""))
        .split("\n")
        .slice(1)
        .flatMap((line) => line.trim().split(", "))
        .filter((entry) => entry !== "")
        .map((entry) => entry.replace("IP Address:", "IP:"));
      assert.deepEqual(names, serves);
    }
  });

  it("are worth nothing to another authority", async () => {
    const { certificate } = identityFiles(folder, "admin");
    const etcd = identityFiles(folder, "etcd").authority;
    await assert.rejects(run("openssl", ["verify", "-CAfile", etcd, certificate]));
  });

  it("have keys that nobody else can read", () => {
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const { name } of identities) {
      assert.equal(statSync(identityFiles(folder, name).key).mode & 0o077, 0);
    }
    assert.equal(statSync(serviceAccountFiles(folder).key).mode & 0o077, 0);
  });

  it("are kept when they are finished and made anew when they are not", async () => {
    const { certificate } = identityFiles(folder, "admin");
    const before = readFileSync(certificate, "utf8");
    await makeCertificates(folder, run);
    assert.equal(readFileSync(certificate, "utf8"), before);
    rmSync(join(folder, "finished"));
    await makeCertificates(folder, run);
    assert.notEqual(readFileSync(certificate, "utf8"), before);
    assert.equal(existsSync(join(folder, "finished")), true);
  });

  it("are added where a finished set has not got them, and the others stay", async () => {
    const { certificate, key, authority } = identityFiles(folder, "network-policy");
    const others = ["admin", "apiserver"].map((name) => identityFiles(folder, name).certificate);
    const read = () => [authority, ...others].map((file) => readFileSync(file, "utf8"));
    const before = read();
    rmSync(certificate);
    rmSync(key);
    await makeCertificates(folder, run);
    assert.deepEqual(read(), before);
    assert.equal(
      await run("openssl", ["verify", "-CAfile", authority, certificate]),
      `${certificate}: OK\n`,
    );
  });

  it("fail for a name that is not in the table", () => {
    assert.throws(
      () => identityFiles(folder, "nobody"),
      /^Error: no identity "nobody": use one of etcd, /,
    );
  });
});
