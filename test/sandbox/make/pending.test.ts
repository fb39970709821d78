import assert from "node:assert/strict";
import { createdAs, pendingIn, withCreated } from "../../../sandbox/make/pending.ts";

const stateOf = (deployment: object) => JSON.stringify({ version: 3, deployment });

function operation(type: string, resource: object) {
  return { type, resource: { urn: "urn:x", ...resource } };
}

const service = {
  type: "kubernetes:core/v1:Service",
  inputs: {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kafka", namespace: "kafka", labels: { a: "b" } },
    spec: { type: "ClusterIP" },
  },
};

describe("operations under way", () => {
  it("are none in a state without any, whole or empty", () => {
    for (const deployment of [{}, { resources: null, pending_operations: null }]) {
      const none = { count: 0, objects: [], context: undefined };
      assert.deepEqual(pendingIn(stateOf(deployment)), none);
    }
  });

  it("name the objects that were being created, and the context that they are in", () => {
    const namespace = {
      type: "kubernetes:core/v1:Namespace",
      inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "kafka" } },
    };
    const pending = pendingIn(
      stateOf({
        resources: [{ type: "pulumi:providers:kubernetes", inputs: { context: "sandbox" } }],
        pending_operations: [
          operation("creating", service),
          operation("creating", namespace),
          operation("updating", service),
          operation("creating", { type: "docker:index/image:Image", inputs: { imageName: "a" } }),
        ],
      }),
    );
    assert.equal(pending.count, 4);
    assert.equal(pending.context, "sandbox");
    assert.deepEqual(
      pending.objects.map(({ id }) => id),
      ["kafka/kafka", "kafka"],
    );
    assert.deepEqual(JSON.parse(pending.objects[0]?.manifest ?? ""), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kafka", namespace: "kafka" },
    });
  });

  it("become resources where their objects are there, and stay under way otherwise", () => {
    const first = { urn: "urn:first", type: "pulumi:providers:kubernetes" };
    const other = { ...operation("creating", service), resource: { urn: "urn:y", ...service } };
    const state = stateOf({
      secrets_providers: { type: "passphrase" },
      resources: [first],
      pending_operations: [operation("creating", service), other],
    });
    const managedFields = [
      { manager: "kubectl-edit", operation: "Update" },
      { manager: "pulumi-kubernetes-0123abcd", operation: "Update" },
      { manager: "somebody", operation: "Apply" },
      { manager: "pulumi-kubernetes-44890fe1", operation: "Apply" },
    ];
    const found = JSON.stringify({ items: [{ metadata: { name: "kafka", managedFields } }] });
    const [object] = pendingIn(state).objects.filter(({ urn }) => urn === "urn:x");
    assert.ok(object);
    const created = [createdAs(object, found) ?? assert.fail()];
    const { version, deployment } = JSON.parse(withCreated(state, created));
    assert.equal(version, 3);
    assert.deepEqual(deployment, {
      secrets_providers: { type: "passphrase" },
      resources: [
        first,
        {
          ...{ urn: "urn:x", ...service, id: "kafka/kafka" },
          outputs: { __fieldManager: "pulumi-kubernetes-44890fe1" },
        },
      ],
      pending_operations: [other],
    });
  });

  it("have no owner of their fields to go on as where the plugin has applied none", () => {
    const object = { urn: "urn:x", id: "kafka/kafka", manifest: "{}" };
    for (const metadata of [{}, { managedFields: [{ manager: "me", operation: "Apply" }] }]) {
      const created = createdAs(object, JSON.stringify({ items: [{ metadata }] }));
      assert.deepEqual(created, { urn: "urn:x", id: "kafka/kafka", fieldManager: undefined });
    }
    for (const nothing of ["", JSON.stringify({ items: [] })]) {
      assert.equal(createdAs(object, nothing), undefined);
    }
  });
});
