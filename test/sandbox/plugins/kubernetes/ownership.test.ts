import assert from "node:assert/strict";
import { keepIgnored, withTakenOver } from "../../../../sandbox/plugins/kubernetes/ownership.ts";

function entry(manager: string, operation: string, fieldsV1: object, subresource = "") {
  return { manager, operation, apiVersion: "v1", subresource, fieldsV1: { ...fieldsV1 } };
}

function live(...managedFields: readonly ReturnType<typeof entry>[]) {
  return {
    spec: { replicas: 5 },
    metadata: { resourceVersion: "7", managedFields },
  };
}

const OURS = entry("ours", "Apply", { "f:data": { "f:a": {} } });

describe("withTakenOver", () => {
  it("joins what was changed by hand to our own fields", () => {
    const other = entry("controller", "Update", { "f:status": {} });
    const hand = entry("kubectl-patch", "Update", { "f:data": { "f:b": {} } });
    const owners = withTakenOver(live(OURS, other, hand), "ours");
    assert.deepEqual(owners, {
      resourceVersion: "7",
      managedFields: [other, entry("ours", "Apply", { "f:data": { "f:a": {}, "f:b": {} } })],
    });
  });

  it("leaves controllers, and kubectl's scaling, as they are", () => {
    const controller = entry("kube-controller-manager", "Update", { "f:spec": {} });
    const scaled = entry("kubectl", "Update", { "f:spec": {} }, "scale");
    assert.equal(withTakenOver(live(OURS, controller, scaled), "ours"), undefined);
  });
});

describe("keepIgnored", () => {
  const object = { spec: { replicas: 1, other: 1 } };

  it("keeps the live value of a field that is ours or nobody's", () => {
    const ours = entry("ours", "Apply", { "f:spec": { "f:replicas": {} } });
    const kept = { spec: { replicas: 5, other: 1 } };
    assert.deepEqual(keepIgnored(object, live(ours), "ours", ["spec.replicas"]), kept);
    assert.deepEqual(keepIgnored(object, live(), "ours", ["spec.replicas"]), kept);
  });

  it("leaves a field out that others own", () => {
    const theirs = entry("scaler", "Update", { "f:spec": { "f:replicas": {} } });
    assert.deepEqual(keepIgnored(object, live(theirs), "ours", ["spec.replicas"]), {
      spec: { other: 1 },
    });
  });
});
