import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { images } from "../../../infra/versions.ts";
import { Edge, type EdgeArgs } from "../../../workloads/edge/index.ts";
import { accessLabelsFor, type Endpoint } from "../../../workloads/kit/endpoint.ts";
import { type Recorded, record } from "../../mocks.ts";
import { fakePlatform, inputsOf, objectsIn } from "../rooms.ts";

function endpointOf(name: string, namespace: string, port: number): Endpoint {
  return {
    host: pulumi.output(`${name}.${namespace}.svc`),
    port,
    tls: true,
    accessLabels: accessLabelsFor(name),
    server: { namespace, labels: { "app.kubernetes.io/name": name } },
  };
}

function make(wishes: Partial<EdgeArgs> = {}, scale: "small" | "full" = "small"): Edge {
  return new Edge("edge", {
    platform: fakePlatform({ scale }),
    authority: new CertificateAuthority("internal", { organization: "yourcom.example" }),
    consul: endpointOf("consul", "consul", 8501),
    upstream: endpointOf("api", "greetings", 8080),
    ...wishes,
  });
}

function recordEdge(wishes?: Partial<EdgeArgs>, scale?: "small" | "full"): Promise<Recorded[]> {
  return record(() => {
    make(wishes, scale);
  });
}

describe("Edge", () => {
  let resources: Recorded[];

  before(async () => {
    resources = await recordEdge();
  });

  const spec = () => inputsOf(resources, "Deployment", "edge").spec;
  const container = (name: string) =>
    spec().template.spec.containers.find((one: { name: string }) => one.name === name);

  it("is these objects in its namespace and no others", () => {
    assert.deepEqual(objectsIn(resources, "edge"), [
      "ConfigMap edge",
      "Deployment edge",
      "NetworkPolicy edge",
      "NetworkPolicy edge-default",
      "PodDisruptionBudget edge",
      "Secret edge",
      "Service edge",
      "ServiceAccount edge",
    ]);
    assert.deepEqual(objectsIn(resources, ""), ["Namespace edge"]);
  });

  it("is two pods that roll without fewer ready, and may have 30 s to stop in", () => {
    assert.equal(spec().replicas, 2);
    assert.deepEqual(spec().strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    assert.equal(spec().template.spec.terminationGracePeriodSeconds, 30);
  });

  it("is nginx, consul-template and its agent in one pod", () => {
    const containers: { name: string; image: string }[] = spec().template.spec.containers;
    assert.deepEqual(
      containers.map(({ name, image }) => [name, image]),
      [
        ["nginx", images.nginx],
        ["watch", images.consulTemplate],
        ["agent", `localhost:5000/web-greetings/edge-agent@sha256:${"0".repeat(64)}`],
      ],
    );
  });

  it("tells the agent where everything is", () => {
    const field = (name: string, fieldPath: string) => ({
      name,
      valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
    });
    assert.deepEqual(container("agent").env, [
      { name: "EDGE_PORT", value: "9443" },
      { name: "NGINX_STATUS", value: "http://127.0.0.1:9090/status" },
      { name: "TOKEN_FILE", value: "/run/token/consul" },
      { name: "NGINX_CONFIG", value: "/run/edge/candidate.conf" },
      { name: "ADMIN_PORT", value: "9404" },
      { name: "METRICS_PORT", value: "9464" },
      { name: "METRICS_CA_FILE", value: "/etc/edge/tls/ca.crt" },
      { name: "METRICS_CERT_FILE", value: "/etc/edge/tls/tls.crt" },
      { name: "METRICS_KEY_FILE", value: "/etc/edge/tls/tls.key" },
      { name: "CONSUL_ADDRESS", value: "consul.consul.svc:8501" },
      { name: "CONSUL_CA_FILE", value: "/etc/edge/tls/ca.crt" },
      { name: "CONSUL_CERT_FILE", value: "/etc/edge/tls/tls.crt" },
      { name: "CONSUL_KEY_FILE", value: "/etc/edge/tls/tls.key" },
      { name: "CONSUL_LOGIN_FILE", value: "/var/run/secrets/consul/token" },
      field("POD_NAME", "metadata.name"),
      field("POD_IP", "status.podIP"),
    ]);
  });

  it("gives the login to the agent alone, and the token in memory to consul-template", () => {
    const mountsOf = (name: string): string[] =>
      container(name).volumeMounts.map(
        ({ name: of, readOnly }: { name: string; readOnly?: boolean }) =>
          `${of}${readOnly ? "" : " (written)"}`,
      );
    assert.deepEqual(mountsOf("nginx"), ["config", "tls", "run (written)", "tmp (written)"]);
    assert.deepEqual(mountsOf("watch"), ["config", "tls", "run (written)", "token"]);
    assert.deepEqual(mountsOf("agent"), ["tls", "consul-login", "run", "token (written)"]);
    const volumes: { name: string; emptyDir?: object }[] = spec().template.spec.volumes;
    assert.deepEqual(
      volumes.map(({ name }) => name),
      [volumes[0]?.name, "tls", "consul-login", "run", "tmp", "token"],
    );
    assert.deepEqual(volumes.at(-1)?.emptyDir, { medium: "Memory", sizeLimit: "1Mi" });
  });

  it("is open to everyone at its port alone, and reaches Consul and the API alone", () => {
    const { ingress, egress } = inputsOf(resources, "NetworkPolicy", "edge").spec;
    assert.deepEqual(ingress, [{ ports: [{ protocol: "TCP", port: 9443 }] }]);
    const to = (namespace: string, name: string, port: number) => ({
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
        },
      ],
      ports: [{ protocol: "TCP", port }],
    });
    assert.deepEqual(egress, [to("consul", "consul", 8501), to("greetings", "api", 8080)]);
    const { labels } = spec().template.metadata;
    assert.equal(labels["access.web-greetings/consul"], "true");
    assert.equal(labels["access.web-greetings/api"], "true");
  });

  it("is opened on port 443 of every node's choice", () => {
    const { spec: of, metadata } = inputsOf(resources, "Service", "edge");
    assert.equal(metadata.name, "edge");
    assert.equal(of.type, "NodePort");
    assert.deepEqual(of.ports, [
      { name: "https", port: 443, targetPort: "https", protocol: "TCP" },
    ]);
  });

  it("is known to Consul by its account, registers itself and looks up the API", () => {
    assert.deepEqual(Edge.consumers, [
      {
        name: "edge",
        namespace: "edge",
        serviceAccount: "edge",
        registers: ["edge"],
        reads: ["api"],
      },
    ]);
    const account = inputsOf(resources, "ServiceAccount", "edge");
    assert.equal(account.metadata.name, "edge");
    assert.equal(account.metadata.namespace, "edge");
  });

  it("certifies its service, and the names and addresses that people open", async () => {
    const plain = inputsOf(resources, "CertRequest", "edge");
    assert.deepEqual(plain.dnsNames, ["edge.edge.svc", "edge.edge.svc.cluster.local"]);
    const opened = await recordEdge({
      hosts: ["web.yourcom.example", "edge.edge.svc", "192.0.2.10", "2001:db8::1"],
    });
    const request = inputsOf(opened, "CertRequest", "edge");
    assert.deepEqual(request.dnsNames, [...plain.dnsNames, "web.yourcom.example"]);
    assert.deepEqual(request.ipAddresses, ["192.0.2.10", "2001:db8::1"]);
  });

  it("rolls its pods when Consul is elsewhere or the certificate is another", async () => {
    const sums = (of: Recorded[]) =>
      inputsOf(of, "Deployment", "edge").spec.template.metadata.annotations;
    const moved = await recordEdge({ consul: endpointOf("consul", "elsewhere", 8501) });
    const keys = ["certificate", "config"].map((of) => `checksum.web-greetings/${of}`);
    assert.deepEqual(Object.keys(sums(resources)).sort(), keys);
    assert.deepEqual(
      keys.map((key) => sums(resources)[key] === sums(moved)[key]),
      [true, false],
    );
  });

  it("has larger containers on a full target, and as many pods as wished", async () => {
    const full = await recordEdge({ replicas: 3 }, "full");
    const { spec: of } = inputsOf(full, "Deployment", "edge");
    assert.equal(of.replicas, 3);
    const memory = (containers: { resources: { limits: { memory: string } } }[]) =>
      containers.map((one) => one.resources.limits.memory);
    assert.deepEqual(memory(of.template.spec.containers), ["512Mi", "128Mi", "128Mi"]);
    assert.deepEqual(memory(spec().template.spec.containers), ["128Mi", "64Mi", "96Mi"]);
  });

  it("may be a single pod, which anybody may move", async () => {
    const single = await recordEdge({ replicas: 1 });
    assert.equal(
      objectsIn(single, "edge").some((one) => one.startsWith("PodDisruptionBudget")),
      false,
    );
  });

  for (const replicas of [0, -1, 1.5, Number.NaN]) {
    it(`fails when it is to have ${replicas} pods, before there is anything`, async () => {
      const left = await record(() => {
        assert.throws(
          () => make({ replicas }),
          new pulumi.RunError(
            `edge cannot have ${replicas} replicas; allowed: whole numbers, at least 1; ` +
              "take 2 or more, so that one can be away",
          ),
        );
      });
      assert.deepEqual(objectsIn(left, "edge"), []);
    });
  }
});
