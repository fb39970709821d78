import assert from "node:assert/strict";
import type { Recorded } from "../mocks.ts";
import { policies } from "../stack/policies.ts";
import { inputsOf, plainRooms, recordRooms } from "./rooms.ts";

type Labels = Readonly<Record<string, string>>;

interface Selection {
  readonly of: string;
  readonly namespace: string;
  readonly labels: Labels;
}

const kindOf = ({ type }: Recorded) => type.split(":").at(-1) ?? "";
// biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource, of any shape
const given = ({ inputs }: Recorded): any => inputs;

/** Pods by the workload that makes them. */
function pods(resources: readonly Recorded[]): Selection[] {
  return resources
    .filter((resource) => ["StatefulSet", "Deployment", "Job"].includes(kindOf(resource)))
    .map((resource) => ({
      of: `${kindOf(resource)} ${resource.name}`,
      namespace: given(resource).metadata.namespace,
      labels: given(resource).spec.template.metadata.labels,
    }));
}

/** What chooses pods, but for what is meant for all of a namespace. */
function selections(resources: readonly Recorded[]): Selection[] {
  return resources.flatMap((resource) => {
    const { metadata, spec } = given(resource);
    const labels: Labels | undefined =
      kindOf(resource) === "Service"
        ? spec.selector
        : (spec?.selector?.matchLabels ?? spec?.podSelector?.matchLabels);
    return labels
      ? [{ of: `${kindOf(resource)} ${resource.name}`, namespace: metadata.namespace, labels }]
      : [];
  });
}

const variants: Record<string, () => Promise<readonly Recorded[]>> = {
  "the rooms": plainRooms,
  "the rooms at full scale with kept data": () =>
    recordRooms({ platform: { scale: "full", retain: true } }),
};

for (const [name, make] of Object.entries(variants)) {
  describe(`policies over ${name}`, () => {
    let resources: readonly Recorded[] = [];
    before(async () => {
      resources = await make();
    });

    for (const [demand, policy] of Object.entries(policies)) {
      it(demand, () => assert.deepEqual(policy(resources), []));
    }

    it("every selector chooses the pods of exactly one workload, at any version", () => {
      const all = selections(resources);
      assert.ok(all.length >= 15, `${all.length} selectors`);
      for (const { of, namespace, labels } of all) {
        assert.equal("app.kubernetes.io/version" in labels, false, of);
        const chosen = pods(resources).filter(
          (pod) =>
            pod.namespace === namespace &&
            Object.entries(labels).every(([key, value]) => pod.labels[key] === value),
        );
        assert.equal(chosen.length, 1, `${of} chooses ${chosen.map((pod) => pod.of)}`);
      }
    });

    it("every lasting container is given time to start", () => {
      for (const resource of resources) {
        if (!["StatefulSet", "Deployment"].includes(kindOf(resource))) continue;
        for (const container of given(resource).spec.template.spec.containers) {
          assert.ok(container.startupProbe, `${resource.name}/${container.name}`);
        }
      }
    });

    it("the content of every Secret is secret to the engine too", () => {
      const secrets = resources.filter((resource) => kindOf(resource) === "Secret");
      assert.equal(secrets.length, 5);
      for (const { name } of secrets) {
        const { stringData } = inputsOf(resources, "Secret", name);
        const text = JSON.stringify(stringData);
        assert.ok(text.includes("4dabf18193072939515e22adb298388d"), `${name}: ${text}`);
      }
    });

    it("only what DNS or a selector needs has a name of its own", () => {
      const named = resources
        .filter((resource) => resource.type.startsWith("kubernetes:"))
        .filter((resource) => given(resource).metadata?.name)
        .map((resource) => `${kindOf(resource)} ${resource.name}`);
      assert.deepEqual(named.sort(), [
        "Deployment greetings-api",
        "Deployment greetings-worker",
        "Namespace greetings",
        "Namespace kafka",
        "Namespace zookeeper",
        "Service greetings-api",
        "Service kafka",
        "Service kafka-servers",
        "Service zookeeper",
        "Service zookeeper-servers",
        "StatefulSet kafka",
        "StatefulSet zookeeper",
      ]);
    });
  });
}

describe("the rooms on a small target", () => {
  it("fit on a machine of two cores, half of them kept, with all apps scaled out", async () => {
    const resources = await plainRooms();
    const most: Readonly<Record<string, number>> = { "greetings-api": 6, "greetings-worker": 3 };
    let kept = 0;
    for (const resource of resources) {
      if (!["StatefulSet", "Deployment"].includes(kindOf(resource))) continue;
      const { spec } = given(resource);
      const pods = spec.replicas ?? most[resource.name];
      for (const { resources: of } of spec.template.spec.containers) {
        const [, count, unit] = /^([0-9]+)(m?)$/.exec(of.requests.cpu) ?? [];
        kept += (pods * Number(count)) / (unit === "m" ? 1000 : 1);
      }
    }
    assert.ok(kept > 0 && kept <= 1, `${kept} cores are kept`);
  });
});
