import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { kubectl, type Live, requireLive, Scratch } from "../../harness.ts";
import { freshNamespace, program } from "./program.ts";

describe("kubernetes plugin: secrets", function () {
  this.timeout(300_000);
  const namespace = freshNamespace();
  const words = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")] as const;
  let live: Live;
  let scratch: Scratch;

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-secrets", live);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const assertHidden = (text: string) => {
    for (const word of words) {
      const clear = [word, Buffer.from(word).toString("base64")];
      assert.deepEqual(
        clear.filter((one) => text.includes(one)),
        [],
      );
    }
  };

  const body = (type: string) => `
    new k8s.core.v1.Secret("written", {
      metadata: { namespace, name: "written" },
      stringData: { password: "${words[0]}" },
    }, opts);
    new k8s.core.v1.ConfigMap("holder", {
      metadata: { namespace, name: "holder", ${type} },
      data: { open: "yes", hidden: pulumi.secret("${words[1]}") },
    }, opts);`;

  it("are in the cluster, but neither in the state nor in any output", async () => {
    await scratch.write(program(live, namespace, body("")));
    const plan = await scratch.preview("--diff");
    assert.equal(plan.code, 0, plan.stdout);
    assertHidden(JSON.stringify(plan));
    const run = await scratch.up("--diff");
    assert.equal(run.code, 0, run.stdout);
    assertHidden(JSON.stringify(run));
    assertHidden(await scratch.export());
    const data = await kubectl(
      live,
      "-n",
      namespace,
      "get",
      "secret/written",
      "-o",
      "jsonpath={.data.password}",
    );
    assert.equal(Buffer.from(data, "base64").toString(), words[0]);
  });

  it("stay hidden after a refresh, and make no drift", async () => {
    const refreshed = await scratch.refresh();
    assert.equal(refreshed.code, 0, refreshed.stdout);
    assertHidden(JSON.stringify(refreshed));
    assertHidden(await scratch.export());
    const run = await scratch.up("--expect-no-changes");
    assert.equal(run.code, 0, run.stdout);
  });

  it("stay hidden when the API server complains about them", async () => {
    await scratch.write(
      program(live, namespace, body(`labels: { bad: pulumi.secret("${words[1]}!!") }`)),
    );
    const run = await scratch.up();
    assert.notEqual(run.code, 0);
    assert.match(run.stdout, /Invalid value: .*\[secret\]/);
    assertHidden(JSON.stringify(run));
    assertHidden(await scratch.export());
  });
});
