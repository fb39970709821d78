import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { renderAcl } from "../../../workloads/consul/acl.ts";
import { renderAgent, renderServer } from "../../../workloads/consul/config.ts";
import { Consul } from "../../../workloads/consul/index.ts";
import { Greetings } from "../../../workloads/greetings/index.ts";
import { addressOf } from "../../../workloads/kit/endpoint.ts";
import { neededBy } from "../../graph.ts";
import { record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, makeRooms, objectsIn, plainRooms, recordRooms } from "../rooms.ts";

describe("Consul", () => {
  it("is these objects in its namespace and no others", async () => {
    assert.deepEqual(objectsIn(await plainRooms(), "consul"), [
      "ConfigMap consul",
      "ConfigMap consul-agent",
      "ConfigMap consul-set-up",
      "DaemonSet consul-agent",
      "Deployment consul-set-up",
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
    const setUp = neededBy(resources, "Deployment consul-set-up");
    assert.ok(setUp.has("StatefulSet consul") && setUp.has("Service consul"), [...setUp].join());
    assert.ok(setUp.has("ClusterRoleBinding consul-reviewer"), [...setUp].join());
    assert.ok(!setUp.has("DaemonSet consul-agent"), [...setUp].join());
    const agents = neededBy(resources, "DaemonSet consul-agent");
    assert.ok(agents.has("Deployment consul-set-up"), [...agents].join());
  });

  it("puts every pod after the policy that it needs", async () => {
    const resources = await plainRooms();
    for (const [kind, name] of [
      ["StatefulSet", "consul"],
      ["Deployment", "consul-set-up"],
      ["DaemonSet", "consul-agent"],
    ] as const) {
      assert.ok(neededBy(resources, `${kind} ${name}`).has(`NetworkPolicy ${name}`), name);
    }
  });

  it("puts clients after the agents, and so after the set-up", async () => {
    const clients = neededBy(await plainRooms(), "Deployment greetings-api");
    for (const of of [
      "Service consul-agent",
      "DaemonSet consul-agent",
      "Deployment consul-set-up",
    ]) {
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

  it("hands out the servers' web interface, once everybody can log in", async () => {
    const resources = await record(() => {
      const { endpoint, path } = makeRooms().consul.ui;
      assert.deepEqual(endpoint.accessLabels, { "access.web-greetings/consul-servers": "true" });
      const link = pulumi.interpolate`${addressOf(endpoint)}${path}`;
      new k8s.core.v1.ConfigMap("link", { data: { link } });
    });
    const { data } = inputsOf(resources, "ConfigMap", "link");
    assert.deepEqual(data, { link: "consul.consul.svc:8501/ui/" });
    assert.ok(neededBy(resources, "ConfigMap link").has("Deployment consul-set-up"));
  });
});
