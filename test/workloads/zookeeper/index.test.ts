import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { addressOf } from "../../../workloads/kit/endpoint.ts";
import { ZooKeeper } from "../../../workloads/zookeeper/index.ts";
import { record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, makeRooms, objectsIn, plainRooms, recordRooms } from "../rooms.ts";

describe("ZooKeeper", () => {
  it("is these objects in its namespace and no others", async () => {
    assert.deepEqual(objectsIn(await plainRooms(), "zookeeper"), [
      "ConfigMap zookeeper",
      "NetworkPolicy zookeeper",
      "NetworkPolicy zookeeper-default",
      "PodDisruptionBudget zookeeper",
      "Secret zookeeper",
      "Secret zookeeper-quorum",
      "Service zookeeper",
      "Service zookeeper-servers",
      "ServiceAccount zookeeper",
      "StatefulSet zookeeper",
    ]);
  });

  it("starts all servers at once and rolls them one by one", async () => {
    const { spec } = inputsOf(await plainRooms(), "StatefulSet", "zookeeper");
    assert.equal(spec.replicas, 3);
    assert.equal(spec.podManagementPolicy, "Parallel");
    assert.deepEqual(spec.updateStrategy, { type: "RollingUpdate" });
    assert.equal(spec.serviceName, "zookeeper-servers");
  });

  it("lets servers find each other before they are ready, and nobody wait for that", async () => {
    const { metadata, spec } = inputsOf(await plainRooms(), "Service", "zookeeper-servers");
    assert.equal(spec.clusterIP, "None");
    assert.equal(spec.publishNotReadyAddresses, true);
    assert.deepEqual(metadata.annotations, { "pulumi.com/skipAwait": "true" });
  });

  it("names every server in zoo.cfg by the name that its pod gets", async () => {
    const resources = await recordRooms({ zookeeper: { replicas: 5 } });
    const config = inputsOf(resources, "ConfigMap", "zookeeper").data["zoo.cfg"];
    const { metadata, spec } = inputsOf(resources, "StatefulSet", "zookeeper");
    for (let ordinal = 0; ordinal < spec.replicas; ordinal++) {
      const host = `${metadata.name}-${ordinal}.${spec.serviceName}.${metadata.namespace}.svc`;
      assert.ok(config.includes(`server.${ordinal + 1}=${host}:2888:3888\n`), host);
    }
  });

  it("tells the names of its servers, each by itself", async () => {
    await record(() => {
      const { hosts } = makeRooms({ zookeeper: { replicas: 3 } }).zookeeper;
      assert.deepEqual(
        hosts,
        [0, 1, 2].map((n) => `zookeeper-${n}.zookeeper-servers.zookeeper.svc`),
      );
    });
  });

  it("certifies the client service and every server, and servers by an authority of their own", async () => {
    const resources = await plainRooms();
    const short = ["zookeeper.zookeeper.svc", "*.zookeeper-servers.zookeeper.svc"];
    const names = (host: string) => [host, `${host}.cluster.local`];
    assert.deepEqual(
      inputsOf(resources, "CertRequest", "zookeeper").dnsNames,
      short.flatMap(names),
    );
    assert.deepEqual(
      inputsOf(resources, "CertRequest", "zookeeper-member").dnsNames,
      names("*.zookeeper-servers.zookeeper.svc"),
    );
    const signer = (leaf: string) =>
      inputsOf(resources, "LocallySignedCert", leaf).caCertPem.split("\n")[1];
    assert.equal(signer("zookeeper"), "internal");
    assert.equal(signer("zookeeper-member"), "zookeeper-quorum");
  });

  it("admits who carries an access label, on the client port alone", async () => {
    const { spec } = inputsOf(await plainRooms(), "NetworkPolicy", "zookeeper");
    const namespaceSelector = { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } };
    const podSelector = { matchLabels: { "access.web-greetings/zookeeper": "true" } };
    assert.deepEqual(spec.ingress[0], {
      from: [{ namespaceSelector, podSelector }],
      ports: [{ protocol: "TCP", port: 2281 }],
    });
    assert.equal(spec.ingress.length, 2);
    assert.equal(spec.egress.length, 1);
  });

  it("hands out the endpoint only when servers and service are there", async () => {
    let address = "";
    let behind: string[] = [];
    await record(async () => {
      const { endpoint } = makeRooms().zookeeper;
      address = await settle(addressOf(endpoint));
      // biome-ignore lint/suspicious/noExplicitAny: what an output comes from is not in its type
      const resources: Set<pulumi.Resource> = await (endpoint.host as any).allResources();
      const urns = await Promise.all([...resources].map(({ urn }) => settle(urn)));
      behind = urns.map((urn) => urn.split("$").at(-1) ?? "").sort();
    });
    assert.equal(address, "zookeeper.zookeeper.svc:2281");
    for (const part of ["StatefulSet::zookeeper", "Service::zookeeper"]) {
      assert.ok(
        behind.some((urn) => urn.endsWith(part)),
        `${part} not in ${behind}`,
      );
    }
  });

  it("throws volumes away or keeps them and their namespace, as the platform says", async () => {
    const policyOf = async (retain: boolean, adopt: boolean) => {
      const resources = await recordRooms({ platform: { retain, adopt } });
      const namespace = resources.find(
        ({ type, name }) => type.endsWith(":Namespace") && name === "zookeeper",
      );
      const { spec } = inputsOf(resources, "StatefulSet", "zookeeper");
      const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy;
      return [whenDeleted, whenScaled, namespace?.isKept, namespace?.importId];
    };
    assert.deepEqual(await policyOf(false, false), ["Delete", "Retain", false, ""]);
    assert.deepEqual(await policyOf(true, false), ["Retain", "Retain", true, ""]);
    assert.deepEqual(await policyOf(true, true), ["Retain", "Retain", true, "zookeeper"]);
  });

  it("rolls when a file or a certificate changes, and has the storage class it is given", async () => {
    const resources = await recordRooms({ platform: { storageClass: (kind) => `gp3-${kind}` } });
    const { spec } = inputsOf(resources, "StatefulSet", "zookeeper");
    const sums: Record<string, string> = spec.template.metadata.annotations;
    assert.deepEqual(Object.keys(sums).sort(), [
      "checksum.web-greetings/certificate",
      "checksum.web-greetings/config",
      "checksum.web-greetings/quorum-certificate",
    ]);
    for (const sum of Object.values(sums)) assert.match(sum, /^[0-9a-f]{64}$/);
    assert.equal(spec.volumeClaimTemplates[0].spec.storageClassName, "gp3-fast");
  });

  for (const replicas of [0, 2, 4, 9, 1.5]) {
    it(`fails when there are to be ${replicas} servers`, async () => {
      const resources = await record(() => {
        const platform = fakePlatform();
        const authority = new CertificateAuthority("internal", { organization: "yourcom" });
        assert.throws(
          () => new ZooKeeper("zookeeper", { platform, authority, replicas }),
          new pulumi.RunError(
            `zookeeper cannot have ${replicas} replicas: a majority needs an odd number; ` +
              "allowed: 1, 3, 5, 7; take 3 to survive the loss of one server, 5 for two",
          ),
        );
      });
      assert.deepEqual(objectsIn(resources, "zookeeper"), []);
    });
  }
});
