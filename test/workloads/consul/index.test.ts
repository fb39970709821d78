import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { renderAcl } from "../../../workloads/consul/acl.ts";
import { renderAgent, renderServer } from "../../../workloads/consul/config.ts";
import { Consul } from "../../../workloads/consul/index.ts";
import { Greetings } from "../../../workloads/greetings/index.ts";
import { addressOf } from "../../../workloads/kit/endpoint.ts";
import type { Recorded } from "../../mocks.ts";
import { record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, makeRooms, objectsIn, plainRooms, recordRooms } from "../rooms.ts";

/** `Kind name` of everything that a resource waits for, directly or not. */
function before(resources: readonly Recorded[], kind: string, name: string): Set<string> {
  const short = (urn: string) => urn.split("::").slice(-2).join(" ").replace(/^.*:/, "");
  const direct = new Map(
    resources.map(({ type, name, after = [] }) => [
      `${type.split(":").at(-1)} ${name}`,
      after.map(short),
    ]),
  );
  const found = new Set<string>();
  const visit = (of: string) => {
    for (const next of direct.get(of) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(`${kind} ${name}`);
  return found;
}

describe("Consul", () => {
  it("is these objects in its namespace and no others", async () => {
    assert.deepEqual(objectsIn(await plainRooms(), "consul"), [
      "ConfigMap consul",
      "ConfigMap consul-agent",
      "ConfigMap consul-set-up",
      "DaemonSet consul-agent",
      "Job consul-set-up",
      "NetworkPolicy consul",
      "NetworkPolicy consul-agent",
      "NetworkPolicy consul-default",
      "NetworkPolicy consul-set-up",
      "PodDisruptionBudget consul",
      "Secret consul",
      "Secret consul-agent",
      "Secret consul-agent-member",
      "Secret consul-agent-secrets",
      "Secret consul-member",
      "Secret consul-reviewer",
      "Secret consul-secrets",
      "Secret consul-set-up-secrets",
      "Service consul",
      "Service consul-agent",
      "Service consul-agent-dns",
      "Service consul-servers",
      "ServiceAccount consul",
      "ServiceAccount consul-agent",
      "ServiceAccount consul-reviewer",
      "ServiceAccount consul-set-up",
      "StatefulSet consul",
    ]);
  });

  it("has files as they are rendered, of the datacenter and domain that it is given", async () => {
    const names = { datacenter: "ams", domain: "shop" };
    const resources = await recordRooms({ consul: { ...names, replicas: 5 } });
    const file = (map: string, name: string) => inputsOf(resources, "ConfigMap", map).data[name];
    assert.equal(file("consul", "server.json"), renderServer({ ...names, replicas: 5 }));
    assert.equal(file("consul-agent", "agent.json"), renderAgent(names));
    assert.equal(file("consul-set-up", "acl.json"), renderAcl(Greetings.consumers));
    assert.equal(inputsOf(resources, "StatefulSet", "consul").spec.replicas, 5);
    for (const [leaf, host] of [
      ["consul-member", "server.ams.shop"],
      ["consul-agent-member", "client.ams.shop"],
    ] as const) {
      assert.deepEqual(inputsOf(resources, "CertRequest", leaf).dnsNames, [host, "localhost"]);
    }
  });

  it("starts all servers at once, rolls them one by one, and moves one at a time", async () => {
    const resources = await plainRooms();
    const { spec } = inputsOf(resources, "StatefulSet", "consul");
    assert.equal(spec.replicas, 3);
    assert.equal(spec.podManagementPolicy, "Parallel");
    assert.deepEqual(spec.updateStrategy, { type: "RollingUpdate" });
    assert.equal(spec.serviceName, "consul-servers");
    assert.equal(spec.volumeClaimTemplates[0].spec.resources.requests.storage, "10Gi");
    const budget = inputsOf(resources, "PodDisruptionBudget", "consul").spec;
    assert.equal(budget.maxUnavailable, 1);
    assert.equal(budget.selector.matchLabels["app.kubernetes.io/component"], "server");
  });

  it("rolls agents by a new one before the old one goes", async () => {
    const { spec } = inputsOf(await plainRooms(), "DaemonSet", "consul-agent");
    assert.deepEqual(spec.updateStrategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    const [container] = spec.template.spec.containers;
    for (const port of container.ports) assert.equal("hostPort" in port, false);
  });

  it("leads clients to the agent of their node, and servers to each other before they are ready", async () => {
    const resources = await plainRooms();
    const service = (name: string) => inputsOf(resources, "Service", name).spec;
    for (const name of ["consul-agent", "consul-agent-dns"]) {
      assert.equal(service(name).internalTrafficPolicy, "Local", name);
    }
    assert.equal("internalTrafficPolicy" in service("consul"), false);
    assert.deepEqual(
      service("consul-agent-dns").ports.map(({ port, targetPort, protocol }: never) => [
        port,
        targetPort,
        protocol,
      ]),
      [
        [53, 8600, "UDP"],
        [53, 8600, "TCP"],
      ],
    );
    const { clusterIP, publishNotReadyAddresses, ports } = service("consul-servers");
    assert.deepEqual([clusterIP, publishNotReadyAddresses], ["None", true]);
    assert.deepEqual(
      ports.map(({ name, port }: { name: string; port: number }) => `${name} ${port}`),
      ["https 8501", "grpc-tls 8503", "server 8300", "serflan 8301", "serfwan 8302"],
    );
  });

  it("throws volumes away or keeps them and their namespace, as the platform says", async () => {
    for (const retain of [true, false]) {
      const resources = await recordRooms({ platform: { retain } });
      const { spec } = inputsOf(resources, "StatefulSet", "consul");
      const namespace = resources.find(
        ({ type, name }) => type.endsWith(":Namespace") && name === "consul",
      );
      const { whenDeleted } = spec.persistentVolumeClaimRetentionPolicy;
      assert.deepEqual([whenDeleted, namespace?.isKept], [retain ? "Retain" : "Delete", retain]);
    }
  });

  for (const replicas of [0, 2, 4, 9, 1.5]) {
    it(`fails when there are to be ${replicas} servers, before any object`, async () => {
      const resources = await record(() => {
        const platform = fakePlatform();
        const authority = new CertificateAuthority("internal", { organization: "yourcom" });
        assert.throws(
          () => new Consul("consul", { platform, authority, consumers: [], replicas }),
          new pulumi.RunError(
            `consul cannot have ${replicas} replicas: a majority needs an odd number; ` +
              "allowed: 1, 3, 5, 7; take 3 to survive the loss of one server, 5 for two",
          ),
        );
      });
      assert.deepEqual(
        resources.filter(({ name }) => name.startsWith("consul")),
        [],
      );
    });
  }
});

describe("Consul's order", () => {
  it("is servers, set-up, agents", async () => {
    const resources = await plainRooms();
    const job = before(resources, "Job", "consul-set-up");
    assert.ok(job.has("StatefulSet consul") && job.has("Service consul"), [...job].join());
    assert.ok(job.has("ClusterRoleBinding consul-reviewer"), [...job].join());
    assert.ok(!job.has("DaemonSet consul-agent"), [...job].join());
    const agents = before(resources, "DaemonSet", "consul-agent");
    assert.ok(agents.has("Job consul-set-up"), [...agents].join());
  });

  it("puts every pod after the policy that it needs", async () => {
    const resources = await plainRooms();
    for (const [kind, name] of [
      ["StatefulSet", "consul"],
      ["Job", "consul-set-up"],
      ["DaemonSet", "consul-agent"],
    ] as const) {
      assert.ok(before(resources, kind, name).has(`NetworkPolicy ${name}`), name);
    }
  });

  it("puts clients after the agents, and so after the set-up", async () => {
    const clients = before(await plainRooms(), "Deployment", "greetings-api");
    for (const of of ["Service consul-agent", "DaemonSet consul-agent", "Job consul-set-up"]) {
      assert.ok(clients.has(of), `${of} not in ${[...clients]}`);
    }
  });

  it("hands out the agents' address", async () => {
    let address = "";
    let isTls = false;
    await record(async () => {
      const { endpoint } = makeRooms().consul;
      isTls = endpoint.tls;
      address = await settle(addressOf(endpoint));
    });
    assert.deepEqual([address, isTls], ["consul-agent.consul.svc:8501", true]);
  });
});
