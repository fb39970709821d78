import assert from "node:assert/strict";
import type { Recorded } from "../mocks.ts";
import { policies } from "./policies.ts";
import { run, settingsOf } from "./program.ts";

const variants: Record<string, Record<string, unknown>> = {
  "the dev stack": settingsOf("dev"),
  "a full-scale stack that keeps its data": { scale: "full", retain: true, zookeeperReplicas: 5 },
};

for (const [name, settings] of Object.entries(variants)) {
  describe(`policies over ${name}`, () => {
    let resources: readonly Recorded[] = [];
    before(async () => {
      ({ resources } = await run(settings));
      assert.ok(resources.length > 30, `${resources.length} resources`);
    });
    for (const [demand, policy] of Object.entries(policies)) {
      it(demand, () => assert.deepEqual(policy(resources), []));
    }
  });
}

describe("policies", () => {
  it("each find a breach in a pod and a namespace that break them all", () => {
    const metadata = { namespace: "bad", name: "bad" };
    const container = { name: "bad", image: "bad:latest", env: [{ value: "PRIVATE KEY" }] };
    const spec = { template: { metadata: { labels: {} }, spec: { containers: [container] } } };
    const scaler = { scaleTargetRef: { kind: "Deployment", name: "bad" } };
    const resource = (kind: string, inputs: object): Recorded => ({
      type: `kubernetes:v1:${kind}`,
      name: "bad",
      provider: "",
      custom: true,
      inputs: { metadata, ...inputs },
    });
    const bad = [
      resource("Deployment", { spec: { ...spec, replicas: 2 } }),
      resource("HorizontalPodAutoscaler", { spec: scaler }),
      resource("Namespace", { metadata: { name: "bad", labels: {} } }),
      resource("ClusterRole", { rules: [{ verbs: ["*"] }] }),
    ];
    for (const [demand, policy] of Object.entries(policies)) {
      assert.notDeepEqual(policy(bad), [], demand);
    }
  });
});
