import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type Comparison,
  compare,
  parsePath,
  pathText,
  prune,
  refreshed,
} from "../../../../sandbox/plugins/kubernetes/differ.ts";
import type { JsonMap } from "../../../../sandbox/plugins/kubernetes/json.ts";
import { UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";

function differences(old: JsonMap, inputs: JsonMap, more: Partial<Comparison> = {}) {
  const base = { old, inputs, oldInputs: old, immutable: [], ignoreChanges: [] };
  return compare({ ...base, ...more });
}

describe("prune", () => {
  it("leaves out what is not in the inputs, at every depth", () => {
    const live = { spec: { a: 1, added: 2, list: [{ x: 1, y: 2 }, { x: 3 }] }, status: {} };
    const inputs = { spec: { a: 0, list: [{ x: 0 }], missing: true } };
    assert.deepEqual(prune(live, inputs), { spec: { a: 1, list: [{ x: 1 }] } });
  });

  it("reads the texts of a Secret back out of its data", () => {
    const live = { data: { a: Buffer.from("open").toString("base64"), b: "Yg==" } };
    assert.deepEqual(prune(live, { stringData: { a: "x" } }), { stringData: { a: "open" } });
  });
});

describe("refreshed", () => {
  it("keeps inputs as they were written where the object did not change", () => {
    const inputs = { cpu: "0.5", blank: false, list: [{ a: "1" }] };
    const live = { cpu: "500m", list: [{ a: "1", more: 1 }], status: 1 };
    assert.deepEqual(refreshed(inputs, live, live), inputs);
  });

  it("shows what changed, and drops what went", () => {
    const before = { labels: { a: "1", b: "1", theirs: "1" } };
    const now = { labels: { a: "2", theirs: "2" } };
    assert.deepEqual(refreshed({ labels: { a: "1", b: "1" } }, before, now), {
      labels: { a: "2" },
    });
  });
});

describe("compare", () => {
  it("finds no difference between an object and itself", () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), (object) => {
        const json = JSON.parse(JSON.stringify(object)) as JsonMap;
        assert.deepEqual(differences(json, json), {});
      }),
    );
  });

  it("names what is added, updated and deleted by its path", () => {
    const old = { a: 1, b: { c: [{ d: 1 }, { d: 2 }] }, "dotted.name": 1 };
    const inputs = { b: { c: [{ d: 1 }, { d: 3 }, { d: 4 }] }, "dotted.name": 2, e: 1 };
    assert.deepEqual(differences(old, inputs), {
      a: "delete",
      "b.c[1].d": "update",
      "b.c[2]": "add",
      '["dotted.name"]': "update",
      e: "add",
    });
  });

  it("marks immutable fields, on the field, below it and above it", () => {
    const immutable = [["spec", "selector"]];
    const object = (selector: JsonMap) => ({ spec: { selector } });
    assert.deepEqual(differences(object({ a: "1" }), object({ a: "2" }), { immutable }), {
      "spec.selector.a": "update-replace",
    });
    assert.deepEqual(differences({}, object({ a: "2" }), { immutable }), { spec: "add-replace" });
    assert.deepEqual(differences({}, { spec: { other: 1 } }, { immutable }), { spec: "add" });
    assert.deepEqual(differences(object({ a: "1" }), {}, { immutable }), {
      spec: "delete-replace",
    });
  });

  it("takes what is not known yet for a change", () => {
    assert.deepEqual(differences({ a: "1" }, { a: UNKNOWN }), { a: "update" });
    assert.deepEqual(differences({ a: "1" }, { a: UNKNOWN }, { immutable: [["a"]] }), {
      a: "update-replace",
    });
  });

  it("overlooks blanks that the server left out, but only unchanged ones", () => {
    const oldInputs = { host: false, list: [], map: {} };
    assert.deepEqual(differences({}, oldInputs, { oldInputs }), {});
    assert.deepEqual(differences({}, { host: false }, { oldInputs: {} }), { host: "add" });
    assert.deepEqual(differences({ host: true }, oldInputs, { oldInputs }), { host: "update" });
  });

  it("takes a quantity in other words for the same", () => {
    const limits = (cpu: string | number) => ({ resources: { limits: { cpu } } });
    assert.deepEqual(differences(limits("500m"), limits("0.5")), {});
    assert.deepEqual(differences(limits("1"), limits(1)), {});
    assert.deepEqual(differences(limits("500m"), limits("501m")), {
      "resources.limits.cpu": "update",
    });
    assert.deepEqual(differences({ args: ["1000m"] }, { args: ["1"] }), { "args[0]": "update" });
  });

  it("leaves out what is to be ignored, and what lies below", () => {
    const old = { spec: { replicas: 1, list: [{ a: 1 }, { a: 1 }] } };
    const inputs = { spec: { replicas: 2, list: [{ a: 2 }, { a: 2 }] } };
    const ignore = (...ignoreChanges: string[]) => differences(old, inputs, { ignoreChanges });
    assert.deepEqual(Object.keys(ignore("spec.replicas")), ["spec.list[0].a", "spec.list[1].a"]);
    assert.deepEqual(Object.keys(ignore("spec.list[*].a")), ["spec.replicas"]);
    assert.deepEqual(Object.keys(ignore("spec.list[1]")), ["spec.replicas", "spec.list[0].a"]);
    assert.deepEqual(ignore("spec"), {});
  });
});

describe("property paths", () => {
  it("come back as they were written", () => {
    const step = fc.oneof(
      fc.nat(99),
      fc.stringMatching(/^[a-z."[\]]+$/).filter((one) => one !== "*"),
    );
    fc.assert(
      fc.property(fc.array(step), (path) => {
        assert.deepEqual(parsePath(pathText(path)), path);
      }),
    );
  });
});
