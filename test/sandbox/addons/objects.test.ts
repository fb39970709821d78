import assert from "node:assert/strict";
import { dnsObjects, renderCorefile } from "../../../sandbox/addons/dns.ts";
import { metricsObjects } from "../../../sandbox/addons/metrics.ts";
import type { KubernetesObject } from "../../../sandbox/addons/objects.ts";
import { policyObjects, policyUser } from "../../../sandbox/addons/policy.ts";
import { storageObjects, storageUser } from "../../../sandbox/addons/storage.ts";
import { addresses } from "../../../sandbox/addresses.ts";
import { identities } from "../../../sandbox/certificates.ts";

const serving = { authority: "YXV0aG9yaXR5", certificate: "Y2VydGlmaWNhdGU=", key: "a2V5" };
const dns = dnsObjects("registry.example/dns:v1@sha256:1");
const metrics = metricsObjects("registry.example/metrics:v1@sha256:2", serving);
const storage = storageObjects();
const policy = policyObjects();

/** What the tests look at of a Deployment. */
interface Deployment {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: {
    readonly metadata: {
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };
    readonly spec: {
      readonly securityContext: Readonly<Record<string, unknown>> & {
        readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
      };
      readonly containers: readonly Container[];
    };
  };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
  readonly securityContext: unknown;
  readonly startupProbe: object;
  readonly livenessProbe: object;
  readonly readinessProbe: object;
}

function only(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0] as KubernetesObject;
}

const deploymentOf = (objects: readonly KubernetesObject[]): Deployment =>
  only(objects, "Deployment").spec as Deployment;

const names = (objects: readonly KubernetesObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe("sandbox/addons objects", () => {
  it("are these for DNS", () => {
    assert.deepEqual(names(dns), [
      "ServiceAccount coredns",
      "ClusterRole system:coredns",
      "ClusterRoleBinding system:coredns",
      "ConfigMap coredns",
      "Deployment coredns",
      "Service kube-dns",
    ]);
  });

  it("are these for metrics", () => {
    assert.deepEqual(names(metrics), [
      "ServiceAccount metrics-server",
      "ClusterRole system:aggregated-metrics-reader",
      "ClusterRole system:metrics-server",
      "ClusterRoleBinding system:metrics-server",
      "ClusterRoleBinding metrics-server:system:auth-delegator",
      "RoleBinding metrics-server-auth-reader",
      "Secret metrics-server-tls",
      "Deployment metrics-server",
      "Service metrics-server",
      "APIService v1beta1.metrics.k8s.io",
    ]);
  });

  it("are these for storage", () => {
    assert.deepEqual(names(storage), [
      "StorageClass standard",
      `ClusterRoleBinding ${storageUser}`,
      `ClusterRole ${storageUser}:nodes`,
      `ClusterRoleBinding ${storageUser}:nodes`,
    ]);
  });

  for (const [what, objects] of [
    ["coredns", dns],
    ["metrics-server", metrics],
  ] as const) {
    it(`keep ${what} locked down`, () => {
      const { template, selector } = deploymentOf(objects);
      const { securityContext, containers } = template.spec;
      assert.equal(securityContext.runAsNonRoot, true);
      assert.notEqual(securityContext.runAsUser, 0);
      assert.deepEqual(securityContext.seccompProfile, { type: "RuntimeDefault" });
      assert.deepEqual(template.metadata.labels, selector.matchLabels);
      assert.equal(containers.length, 1);
      for (const container of containers) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        });
        assert.match(container.image, /@sha256:/);
        assert.deepEqual(Object.keys(container.resources.limits), ["cpu", "memory"]);
        const free = securityContext.sysctls?.[0]?.value ?? "1024";
        for (const { containerPort } of container.ports) assert.ok(containerPort >= Number(free));
        assert.ok(container.startupProbe && container.livenessProbe && container.readinessProbe);
      }
    });

    it(`send the Service of ${what} to ports that its container names`, () => {
      const service = only(objects, "Service").spec as {
        readonly selector: object;
        readonly ports: readonly { readonly targetPort: string }[];
      };
      const deployment = deploymentOf(objects);
      const ports = deployment.template.spec.containers.flatMap(({ ports }) => ports);
      for (const { targetPort } of service.ports) {
        assert.ok(
          ports.some(({ name }) => name === targetPort),
          targetPort,
        );
      }
      assert.deepEqual(service.selector, deployment.selector.matchLabels);
    });
  }

  it("give DNS the address that kubelets hand to pods", () => {
    const { clusterIP } = only(dns, "Service").spec as { readonly clusterIP: string };
    assert.equal(clusterIP, addresses.dns);
  });

  it("have CoreDNS listen where its container says", () => {
    const container = deploymentOf(dns).template.spec.containers[0];
    const port = container?.ports.find(({ name }) => name === "dns")?.containerPort;
    assert.ok(renderCorefile().startsWith(`.:${port} {\n`));
  });

  it("roll CoreDNS when its configuration changes", () => {
    const annotation =
      deploymentOf(dns).template.metadata.annotations["web-greetings/configuration"];
    assert.match(annotation ?? "", /^[0-9a-f]{64}$/);
  });

  it("roll metrics-server when its certificate changes", () => {
    const other = metricsObjects("registry.example/metrics:v1@sha256:2", {
      ...serving,
      certificate: "b3RoZXI=",
    });
    assert.notDeepEqual(
      deploymentOf(other).template.metadata.annotations,
      deploymentOf(metrics).template.metadata.annotations,
    );
  });

  it("check every certificate on the way to the metrics", () => {
    const { caBundle, insecureSkipTLSVerify } = only(metrics, "APIService").spec as {
      readonly caBundle: string;
      readonly insecureSkipTLSVerify?: boolean;
    };
    assert.equal(caBundle, serving.authority);
    assert.equal(insecureSkipTLSVerify, undefined);
    const args = deploymentOf(metrics).template.spec.containers[0]?.args ?? [];
    assert.ok(args.some((arg) => arg.startsWith("--kubelet-certificate-authority=")));
    assert.equal(
      args.some((arg) => arg.includes("insecure")),
      false,
    );
  });

  it("keep the metrics key in the Secret alone", () => {
    const others = metrics.filter(({ kind }) => kind !== "Secret");
    assert.equal(JSON.stringify(others).includes(serving.key), false);
  });

  it("make standard the default class and bind volumes where their pod runs", () => {
    const storageClass = only(storage, "StorageClass");
    assert.deepEqual(storageClass.metadata.annotations, {
      "storageclass.kubernetes.io/is-default-class": "true",
    });
    assert.equal(storageClass.volumeBindingMode, "WaitForFirstConsumer");
  });

  it("let the network policies read what they choose by, and nothing else", () => {
    assert.deepEqual(names(policy), [
      `ClusterRole ${policyUser}`,
      `ClusterRoleBinding ${policyUser}`,
    ]);
    const verbs = ["get", "list", "watch"];
    assert.deepEqual(only(policy, "ClusterRole").rules, [
      { apiGroups: [""], resources: ["pods", "namespaces"], verbs },
      { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs },
    ]);
  });

  it("give rights to users that the cluster has certificates for", () => {
    for (const holder of [storageUser, policyUser]) {
      assert.ok(identities.some(({ user }) => user === holder));
    }
  });

  it("give no rights by wildcard", () => {
    for (const object of [...dns, ...metrics, ...storage, ...policy]) {
      if (object.kind === "ClusterRole") {
        assert.equal(JSON.stringify(object.rules).includes("*"), false, object.metadata.name);
      }
    }
  });
});
