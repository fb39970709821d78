import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadContexts, readContexts } from "../../infra/kubeconfig.ts";

function kubeconfig(context: string, server: string): string {
  return stringify({
    contexts: [{ name: context, context: { cluster: context, user: "someone" } }],
    clusters: [{ name: context, cluster: { server } }],
  });
}

describe("kubeconfig", () => {
  it("gives each context its server, the first file winning", () => {
    const texts = [kubeconfig("a", "https://first"), kubeconfig("a", "https://second")];
    assert.deepEqual([...readContexts(texts)], [["a", "https://first"]]);
    const two = [...texts, kubeconfig("b", "https://b")];
    assert.deepEqual([...readContexts(two).keys()], ["a", "b"]);
  });

  it("counts an empty file, and a context without its cluster, as nothing", () => {
    assert.equal(readContexts([""]).size, 0);
    const dangling = stringify({ contexts: [{ name: "a", context: { cluster: "gone" } }] });
    assert.equal(readContexts([dangling]).size, 0);
  });

  it("reads the files that KUBECONFIG lists and skips those that are not there", () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    try {
      const file = join(folder, "one");
      writeFileSync(file, kubeconfig("one", "https://one"));
      const contexts = loadContexts({ KUBECONFIG: `${file}:${join(folder, "two")}` });
      assert.deepEqual([...contexts], [["one", "https://one"]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("fails when the text is not a kubeconfig", () => {
    assert.throws(() => readContexts(["contexts: 3"]), /expected array/);
  });
});
