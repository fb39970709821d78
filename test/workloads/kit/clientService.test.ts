import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ClientServiceArgs, serveClients } from "../../../workloads/kit/clientService.ts";
import { consulAccess } from "../../../workloads/kit/consulAccess.ts";
import { addressOf, type Endpoint } from "../../../workloads/kit/endpoint.ts";
import { createServiceAccount } from "../../../workloads/kit/serviceAccount.ts";
import { record, settle } from "../../mocks.ts";
import { inputsOf } from "../rooms.ts";

const identity = { name: "shop", instance: "shop", component: "till", version: "1.0.0" };
const selector = {
  "app.kubernetes.io/name": "shop",
  "app.kubernetes.io/instance": "shop",
  "app.kubernetes.io/component": "till",
  "app.kubernetes.io/part-of": "web-greetings",
};

/** The service of a shop over its servers, and the endpoint that it is. */
async function serve(more: Partial<ClientServiceArgs>) {
  const seen = { address: "", host: "", labels: {} };
  const resources = await record(async () => {
    const room = new pulumi.ComponentResource("test:room:Room", "room");
    const spec = { selector: {}, template: {} };
    const endpoint = serveClients(
      "shop",
      {
        identity,
        namespace: pulumi.output("street"),
        service: "shop",
        port: { name: "https", number: 443 },
        accessLabels: { "access.web-greetings/shop": "true" },
        servers: new k8s.apps.v1.DaemonSet("tills", { spec }),
        ...more,
      },
      room,
    );
    seen.address = await settle(addressOf(endpoint));
    assert.ok("labels" in endpoint.server);
    seen.labels = endpoint.server.labels;
  });
  return { ...seen, spec: inputsOf(resources, "Service", "shop").spec };
}

describe("a service for clients", () => {
  const spec = {
    type: "ClusterIP",
    selector,
    ports: [{ name: "https", port: 443, targetPort: "https", protocol: "TCP" }],
  };

  it("leads to any server unless it is told otherwise", async () => {
    for (const more of [{}, { leadsTo: "any" }] as const) {
      const { address, labels, spec: got } = await serve(more);
      assert.deepEqual(got, spec);
      assert.equal(address, "shop.street.svc:443");
      assert.deepEqual(labels, selector);
    }
  });

  it("leads to the server of the client's own node when it is told to", async () => {
    const { spec: got } = await serve({ leadsTo: "sameNode" });
    assert.deepEqual(got, { ...spec, internalTrafficPolicy: "Local" });
  });
});

describe("the way of a client to Consul", () => {
  it("is an address, a certificate and a login, all of them where the container has them", async () => {
    const consul: Endpoint = {
      host: pulumi.output("consul-agent.consul.svc"),
      port: 8501,
      tls: true,
      accessLabels: {},
      server: { namespace: "consul", labels: {} },
    };
    const { env, volume, mount } = consulAccess(consul, "/tls");
    const [{ value: address = "" } = {}, ...rest] = env as { name: string; value?: string }[];
    assert.equal(await settle(pulumi.output(address)), "consul-agent.consul.svc:8501");
    const field = (fieldPath: string) => ({ fieldRef: { apiVersion: "v1", fieldPath } });
    assert.deepEqual(rest, [
      { name: "CONSUL_CA_FILE", value: "/tls/ca.crt" },
      { name: "CONSUL_CERT_FILE", value: "/tls/tls.crt" },
      { name: "CONSUL_KEY_FILE", value: "/tls/tls.key" },
      { name: "CONSUL_LOGIN_FILE", value: "/var/run/secrets/consul/token" },
      { name: "POD_NAME", valueFrom: field("metadata.name") },
      { name: "POD_IP", valueFrom: field("status.podIP") },
    ]);
    assert.deepEqual(volume, {
      name: "consul-login",
      projected: {
        defaultMode: 0o440,
        sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3600 } }],
      },
    });
    assert.deepEqual(mount, {
      name: volume.name,
      mountPath: "/var/run/secrets/consul",
      readOnly: true,
    });
  });
});

describe("a service account", () => {
  it("has a name of its own only where somebody has to know it, and shows no token", async () => {
    const resources = await record(() => {
      const room = new pulumi.ComponentResource("test:room:Room", "room");
      const common = { identity, namespace: "street" };
      createServiceAccount("plain", common, room);
      createServiceAccount("known", { ...common, fixedName: "till" }, room);
    });
    const account = (name: string) => inputsOf(resources, "ServiceAccount", name);
    assert.deepEqual(
      ["plain", "known"].map((name) => account(name).metadata.name),
      [undefined, "till"],
    );
    for (const name of ["plain", "known"]) {
      assert.equal(account(name).automountServiceAccountToken, false);
    }
  });
});
