import assert from "node:assert/strict";
import { immutableFields, touches } from "../../../../sandbox/plugins/kubernetes/immutable.ts";
import type { JsonMap } from "../../../../sandbox/plugins/kubernetes/json.ts";

const FROZEN = { configMaps: false, secrets: false };
const MUTABLE = { configMaps: true, secrets: true };

function fields(apiVersion: string, kind: string, mutability = FROZEN, more: JsonMap = {}) {
  return immutableFields({ apiVersion, kind, ...more }, mutability, false)
    .map((field) => field.join("."))
    .filter((field) => !field.startsWith("metadata."));
}

describe("fields that make a replacement", () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ["apps/v1", "Deployment", ["spec.selector"]],
    ["apps/v1", "DaemonSet", ["spec.selector"]],
    [
      "apps/v1",
      "StatefulSet",
      [
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
      ],
    ],
    ["batch/v1", "Job", ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"]],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", ["roleRef"]],
    ["storage.k8s.io/v1", "StorageClass", ["parameters", "provisioner"]],
    ["v1", "Service", ["spec.clusterIP"]],
    [
      "v1",
      "PersistentVolumeClaim",
      ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
    ],
    ["policy/v1", "PodDisruptionBudget", []],
    ["example.com/v1", "Deployment", []],
  ];
  for (const [apiVersion, kind, expected] of cases) {
    it(`are the table's for ${apiVersion} ${kind}`, () => {
      assert.deepEqual(fields(apiVersion, kind), expected);
    });
  }

  it("follow the settings for ConfigMaps and Secrets, unless these are immutable", () => {
    assert.deepEqual(fields("v1", "ConfigMap"), ["binaryData", "data"]);
    assert.deepEqual(fields("v1", "ConfigMap", MUTABLE), []);
    assert.deepEqual(fields("v1", "ConfigMap", MUTABLE, { immutable: true }), [
      "binaryData",
      "data",
    ]);
    assert.deepEqual(fields("v1", "Secret"), ["type", "stringData", "data"]);
    assert.deepEqual(fields("v1", "Secret", MUTABLE), ["type"]);
  });

  it("are name and namespace alone for a patch", () => {
    const object = { apiVersion: "apps/v1", kind: "Deployment" };
    assert.deepEqual(immutableFields(object, FROZEN, true), [
      ["metadata", "name"],
      ["metadata", "namespace"],
    ]);
  });

  it("match places in lists", () => {
    const pod = immutableFields({ apiVersion: "v1", kind: "Pod" }, FROZEN, false);
    assert.equal(touches(["spec", "containers", 0, "image"], "x", pod), true);
    assert.equal(touches(["spec", "containers", 0], { image: "x" }, pod), true);
    assert.equal(touches(["spec", "containers", 0, "name"], "x", pod), false);
    assert.equal(touches(["spec", "activeDeadlineSeconds"], 1, pod), false);
  });
});
