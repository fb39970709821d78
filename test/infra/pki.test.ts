import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../infra/pki.ts";
import { record, settle } from "../mocks.ts";

function program() {
  const authority = new CertificateAuthority("internal", { organization: "yourcom.example" });
  const leaf = authority.issue("kafka", { commonName: "kafka", dnsNames: ["kafka.kafka.svc"] });
  return { authority, leaf };
}

describe("certificate authority", () => {
  it("is a key, a certificate, and three resources for each identity", async () => {
    const resources = await record(program);
    assert.deepEqual(
      resources.map(({ type, name }) => `${type} ${name}`),
      [
        "tls:index/certRequest:CertRequest kafka",
        "tls:index/locallySignedCert:LocallySignedCert kafka",
        "tls:index/privateKey:PrivateKey internal",
        "tls:index/privateKey:PrivateKey kafka",
        "tls:index/selfSignedCert:SelfSignedCert internal",
        "web-greetings:pki:CertificateAuthority internal",
      ],
    );
  });

  it("tells when all certificates end, its own and those of authorities beside it", async () => {
    let ends: Record<string, string> | undefined;
    await record(async () => {
      const { authority } = program();
      const told = authority.ends;
      const beside = new CertificateAuthority("members", {
        organization: "members",
        edition: 2,
        beside: authority,
      });
      beside.issue("member", { commonName: "member", dnsNames: [] });
      ends = await settle(told);
    });
    const end = "2027-11-22T00:00:00Z";
    assert.deepEqual(ends, {
      "authority internal": end,
      "authority members": end,
      kafka: end,
      member: end,
    });
  });

  it("signs others, and its leaves do not", async () => {
    const resources = await record(program);
    const [ca, leaf] = ["SelfSignedCert", "LocallySignedCert"].map(
      (kind) => resources.find(({ type }) => type.endsWith(kind))?.inputs,
    );
    assert.equal(ca?.isCaCertificate, true);
    assert.deepEqual(ca?.allowedUses, ["cert_signing", "crl_signing"]);
    assert.equal(leaf?.isCaCertificate, undefined);
    assert.deepEqual(leaf?.allowedUses, ["digital_signature", "server_auth", "client_auth"]);
    assert.deepEqual([leaf?.validityPeriodHours, leaf?.earlyRenewalHours], [8760, 720]);
  });

  it("makes every leaf anew in another edition, key and all, and itself not", async () => {
    const named = async (edition: number | undefined) => {
      const resources = await record(() => {
        const args = edition === undefined ? {} : { edition };
        const authority = new CertificateAuthority("internal", { organization: "o", ...args });
        authority.issue("kafka", { commonName: "kafka", dnsNames: [] });
        return authority;
      });
      return resources.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    };
    const authority = ["PrivateKey internal", "SelfSignedCert internal"];
    const of = (leaf: string) =>
      [
        `CertRequest ${leaf}`,
        `LocallySignedCert ${leaf}`,
        `PrivateKey ${leaf}`,
        "CertificateAuthority internal",
        ...authority,
      ].sort();
    assert.deepEqual((await named(undefined)).sort(), of("kafka"));
    assert.deepEqual((await named(1)).sort(), of("kafka"));
    assert.deepEqual((await named(7)).sort(), of("kafka-7"));
  });

  it("keeps every key secret and gives it as PKCS#8", async () => {
    let isSecret = false;
    let key = "";
    await record(async () => {
      const { leaf } = program();
      isSecret = await pulumi.isSecret(leaf.keyPem);
      key = await settle(leaf.keyPem);
    });
    assert.equal(isSecret, true);
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
  });
});
