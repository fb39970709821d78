import assert from "node:assert/strict";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { Consul } from "../../../workloads/consul/index.ts";
import { type Recorded, record } from "../../mocks.ts";
import { fakePlatform, inputsOf, plainRooms } from "../rooms.ts";

interface Request {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly signer: string;
}

/** Certificates of these names, as they are asked for and by whom they are signed. */
function certificatesIn(resources: readonly Recorded[], names: readonly string[]) {
  return names.map((name): Request => {
    const { subject, dnsNames } = inputsOf(resources, "CertRequest", name);
    const { caCertPem } = inputsOf(resources, "LocallySignedCert", name);
    return { commonName: subject.commonName, dnsNames, signer: caCertPem.split("\n")[1] };
  });
}

describe("Consul's certificates", () => {
  const leaves = ["consul", "consul-agent", "consul-member", "consul-agent-member"];

  it("have these names and no others, each kind of an authority of its own", async () => {
    const names = (service: string) => [service, `${service}.cluster.local`, "localhost"];
    assert.deepEqual(certificatesIn(await plainRooms(), leaves), [
      { commonName: "consul", dnsNames: names("consul.consul.svc"), signer: "internal" },
      {
        commonName: "consul-agent",
        dnsNames: names("consul-agent.consul.svc"),
        signer: "internal",
      },
      {
        commonName: "server.dc1.consul",
        dnsNames: ["server.dc1.consul", "localhost"],
        signer: "consul-members",
      },
      {
        commonName: "client.dc1.consul",
        dnsNames: ["client.dc1.consul", "localhost"],
        signer: "consul-members",
      },
    ]);
  });

  it("are all made anew in another edition, and the authorities are not", async () => {
    const named = async (edition: number) => {
      const resources = await record(() => {
        const platform = fakePlatform();
        const authority = new CertificateAuthority("internal", { organization: "o", edition });
        new Consul("consul", { platform, authority, consumers: [] });
      });
      const of = (kind: string) =>
        resources.filter(({ type }) => type.endsWith(`:${kind}`)).map(({ name }) => name);
      return {
        authorities: of("SelfSignedCert"),
        leaves: of("LocallySignedCert"),
        keys: of("PrivateKey"),
      };
    };
    const [first, second] = [await named(1), await named(2)];
    const authorities = ["consul-members", "internal"];
    assert.deepEqual(first.leaves, [...leaves].sort());
    assert.deepEqual(second.leaves, leaves.map((leaf) => `${leaf}-2`).sort());
    assert.deepEqual([first.authorities, second.authorities], [authorities, authorities]);
    assert.deepEqual(first.keys, [...first.leaves, ...authorities].sort());
    assert.deepEqual(second.keys, [...second.leaves, ...authorities].sort());
  });

  it("roll the pods that have them", async () => {
    const kinds = ["certificate", "config", "member-certificate", "secrets"];
    const sums = async (kind: "StatefulSet" | "DaemonSet", name: string) =>
      Object.entries<string>(
        inputsOf(await plainRooms(), kind, name).spec.template.metadata.annotations,
      );
    for (const all of [
      await sums("StatefulSet", "consul"),
      await sums("DaemonSet", "consul-agent"),
    ]) {
      assert.deepEqual(all.map(([of]) => of.replace("checksum.web-greetings/", "")).sort(), kinds);
      for (const [of, sum] of all) assert.match(sum, /^[0-9a-f]{64}$/, of);
    }
  });
});
