import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { selectorOf } from "../../../workloads/kit/labels.ts";
import { metricsEndpoint, metricsEnv, servesMetrics } from "../../../workloads/kit/metrics.ts";
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

  it("is what the pods' policy opens", async () => {
    await record(() => {
      const args = { identity, namespace: pulumi.output("shop"), port: 7000, tlsName: undefined };
      assert.deepEqual(servesMetrics(metricsEndpoint("till", args)), {
        ports: [7000],
        accessLabels: { "access.web-greetings/till-metrics": "true" },
      });
    });
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
