import assert from "node:assert/strict";
import type { JsonMap } from "../../../../sandbox/plugins/kubernetes/json.ts";
import { isAutonamed, named } from "../../../../sandbox/plugins/kubernetes/names.ts";
import { kindOf, parseId, resourceType } from "../../../../sandbox/plugins/kubernetes/objects.ts";
import { type CheckRequest, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";

const REQUEST: CheckRequest = {
  urn: "urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::settings",
  type: "kubernetes:core/v1:ConfigMap",
  name: "settings",
  oldInputs: {},
  inputs: {},
  randomSeed: new Uint8Array([1, 2, 3]),
};

function nameFor(object: JsonMap, old: JsonMap = {}, request: Partial<CheckRequest> = {}): JsonMap {
  return named(object, old, { ...REQUEST, ...request });
}

const metadata = (object: JsonMap) => object.metadata as JsonMap;

describe("names", () => {
  it("are made of the resource's name and eight hexadecimal digits, and marked", () => {
    const object = nameFor({});
    assert.match(String(metadata(object).name), /^settings-[0-9a-f]{8}$/);
    assert.equal(isAutonamed(object), true);
  });

  it("are the same for the same seed and differ for another", () => {
    assert.deepEqual(nameFor({}), nameFor({}));
    assert.notDeepEqual(nameFor({}), nameFor({}, {}, { randomSeed: new Uint8Array([4]) }));
  });

  it("are left alone where the program gives one, known or not", () => {
    assert.deepEqual(nameFor({ metadata: { name: "x" } }), { metadata: { name: "x" } });
    assert.deepEqual(nameFor({ metadata: { name: UNKNOWN } }), { metadata: { name: UNKNOWN } });
  });

  it("stay what they were chosen to be", () => {
    const old = nameFor({});
    assert.deepEqual(nameFor({ data: {} }, old), { data: {}, ...old });
    assert.deepEqual(nameFor({}, { metadata: { name: "fixed" } }), {});
  });

  it("follow the user's settings", () => {
    const autonaming = { proposedName: "mine", mode: "enforce" } as const;
    assert.equal(metadata(nameFor({}, {}, { autonaming })).name, "mine");
    const off = { proposedName: "", mode: "disable" } as const;
    assert.throws(() => nameFor({}, {}, { autonaming: off }), {
      message: "autonaming is disabled, resource requires the .metadata.name field to be set",
    });
  });

  it("fail for generateName", () => {
    assert.throws(() => nameFor({ metadata: { generateName: "x-" } }), {
      message: "the `.metadata.generateName` field is not supported in Server-Side Apply mode",
    });
  });
});

describe("resource types", () => {
  it("give group, version and kind", () => {
    assert.deepEqual(resourceType("kubernetes:apps/v1:StatefulSet"), {
      kind: { group: "apps", version: "v1", kind: "StatefulSet" },
      patch: false,
    });
    assert.deepEqual(resourceType("kubernetes:core/v1:Namespace").kind, kindOf("v1", "Namespace"));
    assert.deepEqual(resourceType("kubernetes:apps/v1:DeploymentPatch"), {
      kind: { group: "apps", version: "v1", kind: "Deployment" },
      patch: true,
    });
    assert.deepEqual(resourceType("kubernetes:example.com/v1:AllowList").kind.kind, "AllowList");
  });

  it("fail for charts, overlays and lists", () => {
    assert.throws(
      () => resourceType("kubernetes:helm.sh/v3:Release"),
      /not supported by the stand-in/,
    );
    assert.throws(() => resourceType("kubernetes:kustomize/v2:Directory"), /not supported/);
    assert.throws(() => resourceType("kubernetes:core/v1:ConfigMapList"), /list resources exist/);
  });

  it("fit the ids of objects", () => {
    assert.deepEqual(parseId("space/name"), { namespace: "space", name: "name" });
    assert.deepEqual(parseId("name"), { namespace: "", name: "name" });
  });
});
