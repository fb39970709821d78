import assert from "node:assert/strict";
import { checkConfig, diffConfig } from "../../../../sandbox/plugins/kubernetes/identity.ts";
import { type PropertyMap, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";

const URN = "urn:pulumi:s::p::pulumi:providers:kubernetes::cluster";

function kubeconfig(server: string): string {
  return JSON.stringify({
    "current-context": "one",
    contexts: [{ name: "one", context: { cluster: "one", user: "one" } }],
    clusters: [{ name: "one", cluster: { server } }],
    users: [{ name: "one", user: {} }],
  });
}

function diff(oldInputs: PropertyMap, inputs: PropertyMap) {
  const request = { urn: URN, type: "", name: "cluster", id: "x", oldState: oldInputs };
  const { changed, replaces } = diffConfig({ ...request, oldInputs, inputs, ignoreChanges: [] });
  return { changed, replaces };
}

describe("a provider's identity", () => {
  const one = { kubeconfig: kubeconfig("https://one") };
  const two = { kubeconfig: kubeconfig("https://two") };

  it("is the cluster of its kubeconfig", () => {
    assert.deepEqual(diff(one, one), { changed: false, replaces: [] });
    assert.deepEqual(diff(one, two), { changed: true, replaces: ["kubeconfig"] });
    const named = { ...one, context: "one" };
    assert.deepEqual(diff(one, named), { changed: true, replaces: [] });
  });

  it("may have changed where the kubeconfig is not known yet", () => {
    const unknown: PropertyMap = { kubeconfig: UNKNOWN };
    assert.deepEqual(diff(one, unknown), { changed: true, replaces: ["kubeconfig"] });
  });

  it("is the clusterIdentifier where both have one, whatever else changes", () => {
    const identified = (map: PropertyMap, clusterIdentifier: string) => ({
      ...map,
      clusterIdentifier,
    });
    assert.deepEqual(diff(identified(one, "a"), identified(two, "a")), {
      changed: true,
      replaces: [],
    });
    assert.deepEqual(diff(identified(one, "a"), identified(one, "b")), {
      changed: true,
      replaces: ["clusterIdentifier"],
    });
    assert.deepEqual(diff(one, identified(one, "a")), { changed: true, replaces: [] });
  });
});

describe("strict mode", () => {
  const check = (name: string, inputs: PropertyMap) =>
    checkConfig({
      urn: URN,
      type: "",
      name,
      oldInputs: {},
      inputs,
      randomSeed: new Uint8Array(),
    }).failures.map(({ reason }) => reason);

  it("fails when the provider is a default one or its place is not given", () => {
    assert.deepEqual(check("default_4_34_2", { strictMode: "true", context: "one" }), [
      "strict mode prohibits default provider",
      'strict mode requires Provider "kubeconfig" argument',
    ]);
    assert.deepEqual(check("default_4_34_2", {}), []);
  });
});
