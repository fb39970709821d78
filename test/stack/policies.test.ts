import assert from "node:assert/strict";
import type { Recorded } from "../mocks.ts";
import { policies } from "./policies.ts";
import { run, settingsOf } from "./program.ts";

interface Scaler {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly maxReplicas: number;
  };
}

interface Sized {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly resources: { readonly requests: { readonly cpu: string } };
        }[];
      };
    };
  };
}

const variants: Record<string, Record<string, unknown>> = {
  "the dev stack": settingsOf("dev"),
  "a full-scale stack that keeps its data": {
    scale: "full",
    retain: true,
    zookeeperReplicas: 5,
    consulReplicas: 5,
  },
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
    const spec = {
      selector: { matchLabels: { app: "other" } },
      template: {
        metadata: { labels: { "access.web-greetings/consul": "true" } },
        spec: { containers: [container], volumes: [{ name: "logs", hostPath: {} }] },
      },
    };
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
      resource("Pod", { metadata: { ...metadata, labels: {} }, spec: spec.template.spec }),
      resource("Service", { spec: { selector: { app: "x" }, internalTrafficPolicy: "Local" } }),
      resource("NetworkPolicy", { spec: { podSelector: { matchLabels: { app: "other" } } } }),
      resource("HorizontalPodAutoscaler", { spec: scaler }),
      resource("Namespace", { metadata: { name: "bad", labels: {} } }),
      resource("ClusterRole", { rules: [{ verbs: ["*"] }] }),
    ];
    for (const [demand, policy] of Object.entries(policies)) {
      assert.notDeepEqual(policy(bad), [], demand);
    }
  });
});

describe("the dev stack", () => {
  it("fits on a machine of two cores, a third of them left, with all apps scaled out", async () => {
    const { resources } = await run(settingsOf("dev"));
    const most = new Map<string, number>();
    for (const { type, inputs } of resources) {
      if (!type.endsWith(":HorizontalPodAutoscaler")) continue;
      const { scaleTargetRef, maxReplicas } = (inputs as unknown as Scaler).spec;
      most.set(scaleTargetRef.name, maxReplicas);
    }
    assert.equal(most.size, 2);
    let kept = 0;
    for (const { type, inputs } of resources) {
      if (!/:(StatefulSet|Deployment|DaemonSet)$/.test(type)) continue;
      const { metadata, spec } = inputs as unknown as Sized;
      const nodes = type.endsWith(":DaemonSet") ? 1 : undefined;
      const pods = nodes ?? spec.replicas ?? most.get(metadata.name) ?? Number.NaN;
      for (const { resources: of } of spec.template.spec.containers) {
        const [, count, unit] = /^([0-9]+)(m?)$/.exec(of.requests.cpu) ?? [];
        kept += (pods * Number(count)) / (unit === "m" ? 1000 : 1);
      }
    }
    assert.ok(kept > 0.5 && kept <= 4 / 3, `${kept} cores are kept`);
  });
});
