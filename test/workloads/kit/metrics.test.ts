import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { labelsOf, selectorOf } from "../../../workloads/kit/labels.ts";
import { admitToMetrics, metricsEndpoint, metricsEnv } from "../../../workloads/kit/metrics.ts";
import type { ScrapeTarget } from "../../../workloads/kit/monitor.ts";
import { stackNamespaces } from "../../../workloads/kit/networkPolicy.ts";
import { record, settle } from "../../mocks.ts";

const identity = { name: "shop", instance: "shop", component: "till", version: "1.0.0" };

describe("an endpoint of metrics", () => {
  it("is a right of its own, to the pods by the name in their certificate", async () => {
    await record(async () => {
      const namespace = pulumi.output("shop");
      const args = { identity, namespace, port: 9464, tlsName: "till.shop.svc" };
      const { host, server, ...plain } = metricsEndpoint("till", args);
      assert.equal(await settle(host), "till.shop.svc");
      assert.deepEqual(plain, {
        port: 9464,
        tls: true,
        accessLabels: { "access.web-greetings/till-metrics": "true" },
      });
      assert.ok("namespace" in server);
      assert.deepEqual(server.labels, selectorOf(identity));
      assert.equal(await settle(pulumi.output(server.namespace)), "shop");
    });
  });

  it("without a name in a certificate is in the clear", async () => {
    await record(() => {
      const args = { identity, namespace: pulumi.output("shop"), port: 7000, tlsName: undefined };
      assert.equal(metricsEndpoint("till", args).tls, false);
    });
  });

  const asker = { name: "watch", instance: "watch", component: "server", version: "1.0.0" };
  const admitted = (targets: readonly ScrapeTarget[]) =>
    record(() => {
      const parent = new pulumi.ComponentResource("web-greetings:watch:Watch", "watch");
      admitToMetrics("watch", targets, { identity: asker, purpose: "It asks." }, parent);
    });
  const till = (): ScrapeTarget => {
    const args = { identity, namespace: pulumi.output("shop"), port: 7000, tlsName: undefined };
    return { job: "till", endpoint: metricsEndpoint("till", args) };
  };

  it("is opened by whoever asks, once for all of its pages, beside the pods", async () => {
    const target = till();
    const resources = await admitted([target, { ...target, job: "drawer", path: "/drawer" }]);
    const [policy, ...more] = resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    assert.deepEqual(more, []);
    assert.equal(policy?.name, "watch-asks-drawer");
    assert.deepEqual(policy?.inputs.metadata, {
      namespace: "shop",
      labels: labelsOf(asker),
      annotations: { "kubernetes.io/description": "It asks." },
    });
    assert.deepEqual(policy?.inputs.spec, {
      podSelector: { matchLabels: selectorOf(identity) },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: stackNamespaces },
              podSelector: { matchLabels: { "access.web-greetings/till-metrics": "true" } },
            },
          ],
          ports: [{ protocol: "TCP", port: 7000 }],
        },
      ],
    });
  });

  it("that anybody may ask is opened by nobody", async () => {
    const { job, endpoint } = till();
    const resources = await admitted([{ job, endpoint: { ...endpoint, accessLabels: {} } }]);
    assert.deepEqual(
      resources.filter(({ type }) => type.endsWith(":NetworkPolicy")),
      [],
    );
  });

  it("without pods is refused", async () => {
    const { job, endpoint } = till();
    const outside = { ...endpoint, server: { cidrs: ["192.0.2.0/24"] } };
    await assert.rejects(admitted([{ job, endpoint: outside }]), /job till has no pods/);
  });
});

describe("the environment for metrics", () => {
  it("says where the pod has its certificate", () => {
    assert.deepEqual(metricsEnv("/tls"), [
      { name: "METRICS_PORT", value: "9464" },
      { name: "METRICS_CA_FILE", value: "/tls/ca.crt" },
      { name: "METRICS_CERT_FILE", value: "/tls/tls.crt" },
      { name: "METRICS_KEY_FILE", value: "/tls/tls.key" },
    ]);
  });
});
