import assert from "node:assert/strict";
import { wishesOf } from "../../../../../sandbox/plugins/kubernetes/annotations.ts";
import { customJudge } from "../../../../../sandbox/plugins/kubernetes/await/custom.ts";
import * as others from "../../../../../sandbox/plugins/kubernetes/await/others.ts";
import { waitingFor } from "../../../../../sandbox/plugins/kubernetes/await/table.ts";
import type { Surroundings } from "../../../../../sandbox/plugins/kubernetes/await/verdict.ts";
import type { JsonMap } from "../../../../../sandbox/plugins/kubernetes/json.ts";

const NOTHING: Surroundings = { list: async () => [], find: async () => undefined };
const SERVED: Surroundings = {
  list: async (_apiVersion, kind) =>
    kind === "Service"
      ? [{ spec: { type: "ClusterIP" } }]
      : [{ endpoints: [{ conditions: { ready: true } }] }],
  find: async () => ({ volumeBindingMode: "WaitForFirstConsumer" }),
};

const state = async (verdict: ReturnType<typeof others.service> | { readonly state: string }) =>
  (await verdict).state;

describe("a Service", () => {
  const selecting = (more: JsonMap = {}, status: JsonMap = {}): JsonMap => ({
    metadata: { name: "web" },
    spec: { selector: { app: "web" }, ...more },
    status,
  });

  it("waits for endpoints, whatever its port", async () => {
    for (const type of ["ClusterIP", "NodePort"]) {
      assert.equal(await state(others.service(selecting({ type }), NOTHING)), "waiting");
      assert.equal(await state(others.service(selecting({ type }), SERVED)), "ready");
    }
  });

  it("waits for an address as a load balancer", async () => {
    const type = "LoadBalancer";
    assert.equal(await state(others.service(selecting({ type }), SERVED)), "waiting");
    const status = { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } };
    assert.equal(await state(others.service(selecting({ type }, status), SERVED)), "ready");
  });

  it("is not waited for when headless, external or without a selector", async () => {
    for (const spec of [{ clusterIP: "None" }, { type: "ExternalName" }, { selector: {} }]) {
      assert.equal(await state(others.service(selecting(spec), NOTHING)), "ready");
    }
  });
});

describe("an Ingress", () => {
  const object = (status: JsonMap): JsonMap => ({
    spec: { rules: [{ http: { paths: [{ backend: { service: { name: "web" } } }] } }] },
    status,
  });

  it("waits for the Service behind it and for an address", async () => {
    const addressed = object({ loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } });
    assert.equal(await state(others.ingress(addressed, NOTHING)), "waiting");
    assert.equal(await state(others.ingress(object({}), SERVED)), "waiting");
    assert.equal(await state(others.ingress(addressed, SERVED)), "ready");
  });
});

describe("volumes, quotas, definitions and tokens", () => {
  it("a claim waits to be bound unless its class waits for a Pod", async () => {
    const claim = { spec: { storageClassName: "fast" }, status: { phase: "Pending" } };
    assert.equal(await state(others.claim(claim, NOTHING)), "waiting");
    assert.equal(await state(others.claim(claim, SERVED)), "ready");
    assert.equal(await state(others.claim({ status: { phase: "Bound" } }, NOTHING)), "ready");
    assert.equal(await state(others.claim({ status: { phase: "Lost" } }, NOTHING)), "failed");
  });

  it("the others wait for their status", () => {
    const hard = { pods: "1" };
    assert.equal(others.quota({ spec: { hard }, status: {} }).state, "waiting");
    assert.equal(others.quota({ spec: { hard }, status: { hard } }).state, "ready");
    assert.equal(others.volume({ status: { phase: "Available" } }).state, "ready");
    assert.equal(others.definition({ status: {} }).state, "waiting");
    const conditions = [{ type: "Established", status: "True" }];
    assert.equal(others.definition({ status: { conditions } }).state, "ready");
    const type = "kubernetes.io/service-account-token";
    assert.equal(others.secret({ type }).state, "waiting");
    assert.equal(others.secret({ type, data: { token: "x" } }).state, "ready");
    assert.equal(others.secret({ type: "Opaque" }).state, "ready");
  });
});

describe("waitFor", () => {
  const object = {
    status: { phase: "Up", list: [{ a: 1 }], conditions: [{ type: "Ready", status: "False" }] },
  };
  const cases: readonly [string, string][] = [
    ["condition=Ready", "waiting"],
    ["condition=Ready=False", "ready"],
    ["condition=Other", "waiting"],
    ["jsonpath={.status.phase}=Up", "ready"],
    ["jsonpath={.status.phase}=Down", "waiting"],
    ["jsonpath={.status.list[0].a}", "ready"],
    ["jsonpath={.status.list[1].a}", "waiting"],
  ];
  for (const [expression, expected] of cases) {
    it(`${expression} is ${expected}`, async () => {
      assert.equal((await customJudge(expression)(object, NOTHING)).state, expected);
    });
  }

  it("fails when it is neither a condition nor a path", () => {
    assert.throws(() => customJudge("phase=Up"), /allowed: condition=Type/);
  });

  it("comes before the usual rules, and skipAwait before both", () => {
    const deployment = (annotations: JsonMap) => {
      const map = { apiVersion: "apps/v1", kind: "Deployment", metadata: { annotations } };
      return waitingFor(map, wishesOf(map));
    };
    assert.notEqual(deployment({}), undefined);
    assert.equal(deployment({ "pulumi.com/skipAwait": "true" }), undefined);
    const map = { apiVersion: "policy/v1", kind: "PodDisruptionBudget" };
    assert.equal(waitingFor(map, wishesOf(map)), undefined);
  });
});
