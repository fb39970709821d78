import assert from "node:assert/strict";
import {
  fromState,
  redact,
  toJson,
  toProperties,
  toState,
} from "../../../../sandbox/plugins/kubernetes/state.ts";
import { Secret, Special, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";

describe("state", () => {
  const inputs = { apiVersion: "v1", kind: "ConfigMap", data: { a: "open", b: "hidden" } };
  const live = { ...inputs, metadata: { name: "x", managedFields: [{ manager: "m" }] } };
  const from = { data: { a: "open", b: new Secret("hidden") } };

  it("comes back as it was recorded, without the owners of fields", () => {
    const state = toState({ inputs, live, fieldManager: "f", initialApiVersion: "v1" }, from);
    assert.deepEqual(fromState(state), {
      inputs,
      live: { ...inputs, metadata: { name: "x" } },
      fieldManager: "f",
      initialApiVersion: "v1",
    });
  });

  it("keeps secret what was secret, in the object and in its inputs", () => {
    const state = toState({ inputs, live, fieldManager: "f", initialApiVersion: "v1" }, from);
    const data = { a: "open", b: new Secret("hidden") };
    assert.deepEqual(state.data, data);
    assert.deepEqual((state.__inputs as typeof state).data, data);
    assert.equal(JSON.stringify(state).includes("hidden"), false);
  });

  it("keeps a whole list secret as soon as one part of it is", () => {
    const object = { env: [{ name: "a", value: "hidden" }] };
    const given = { env: [{ name: "a", value: new Secret("hidden") }] };
    assert.deepEqual(toProperties(object, given), { env: new Secret(object.env) });
  });

  it("keeps the data of Secrets secret whoever wrote them", () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      data: { a: "aGlkZGVu" },
      metadata: {
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "aGlkZGVu", b: "c" },
      },
    };
    const checkpoint = { inputs: {}, live: secret, fieldManager: "", initialApiVersion: "v1" };
    const state = toState(checkpoint, {});
    assert.deepEqual(state.data, new Secret({ a: "aGlkZGVu" }));
    assert.deepEqual(state.metadata, { annotations: { b: "c" } });
  });
});

describe("toJson", () => {
  it("unwraps secrets, drops nulls from maps and keeps what is not known", () => {
    const properties = { a: new Secret({ b: null, c: [null, UNKNOWN] }), d: null };
    assert.deepEqual(toJson(properties), { a: { c: [null, UNKNOWN] } });
  });

  it("gives the dashed names of schemas back, and takes them again", () => {
    const properties = { schema: { x_kubernetes_list_type: "map" } };
    const object = { schema: { "x-kubernetes-list-type": "map" } };
    assert.deepEqual(toJson(properties), object);
    assert.deepEqual(toProperties(object, {}), properties);
  });

  it("fails for assets", () => {
    assert.throws(() => toJson({ a: new Special("asset", {}) }), /an input is of kind asset/);
  });
});

describe("redact", () => {
  it("takes secrets out of messages, base64-encoded ones too", () => {
    const properties = { a: [new Secret({ b: "hidden" })], c: "open" };
    const message = `hidden open ${Buffer.from("hidden").toString("base64")}`;
    assert.equal(redact(message, properties), "[secret] open [secret]");
  });
});
