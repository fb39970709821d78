import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binding, Bindings } from "../../../sandbox/policy/bindings.ts";

describe("bindings of addresses to pods", () => {
  let folder: string;
  let file: string;
  let bindings: Bindings;

  const bindingOf = (container: string, address: string, uid: string): Binding => ({
    container,
    address,
    uid,
    namespace: "shop",
    name: `pod-${uid}`,
  });
  const first = bindingOf("c1", "10.201.0.2", "u1");
  const second = bindingOf("c2", "10.201.0.3", "u2");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bindings-"));
    file = join(folder, "policy", "bindings.json");
    bindings = new Bindings(file);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("outlive the process, in a file that nobody else reads", () => {
    bindings.add(first);
    bindings.add(second);
    bindings.remove("c1");
    assert.deepEqual(new Bindings(file).all, [second]);
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.deepEqual(readdirSync(join(folder, "policy")), ["bindings.json"]);
  });

  it("are found by pod and by container", () => {
    bindings.add(first);
    assert.equal(bindings.addressOf("u1"), "10.201.0.2");
    assert.equal(bindings.addressOf("u2"), undefined);
    assert.deepEqual(bindings.of("c1"), first);
    assert.equal(bindings.of("c2"), undefined);
    assert.equal(bindings.has("10.201.0.2"), true);
    assert.equal(bindings.has("10.201.0.3"), false);
  });

  it("give way to a newer one of the same container, address or pod", () => {
    for (const newer of [
      bindingOf("c1", "10.201.0.9", "u9"),
      bindingOf("c9", "10.201.0.2", "u9"),
      bindingOf("c9", "10.201.0.9", "u1"),
    ]) {
      const fresh = new Bindings(join(folder, newer.container + newer.address, "file"));
      fresh.add(first);
      fresh.add(second);
      fresh.add(newer);
      assert.deepEqual(fresh.all, [second, newer]);
    }
  });

  it("stay when another container of the same pod goes", () => {
    bindings.add(first);
    bindings.add(bindingOf("c9", "10.201.0.9", "u1"));
    bindings.remove("c1");
    assert.equal(bindings.addressOf("u1"), "10.201.0.9");
  });

  it("are not written where nothing changes", () => {
    bindings.remove("c1");
    bindings.keep(() => false);
    assert.deepEqual(readdirSync(folder), []);
  });
});
