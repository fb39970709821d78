import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kubectl, type Live, requireLive, Scratch } from "../../harness.ts";
import { changes, freshNamespace, program } from "./program.ts";

describe("kubernetes plugin: custom resources, patches, and no cluster", function () {
  this.timeout(300_000);
  const namespace = freshNamespace();
  const group = `g${randomBytes(4).toString("hex")}.example.com`;
  let live: Live;
  let scratch: Scratch;

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-kinds", live);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const definition = `
    const definition = new k8s.apiextensions.v1.CustomResourceDefinition("definition", {
      metadata: { name: "boxes.${group}" },
      spec: {
        group: "${group}", scope: "Namespaced", names: { plural: "boxes", kind: "Box" },
        versions: [{
          name: "v1", served: true, storage: true, subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", properties: {
            spec: { type: "object", x_kubernetes_preserve_unknown_fields: true },
            status: { type: "object", x_kubernetes_preserve_unknown_fields: true },
          } } },
        }],
      },
    }, opts);`;
  const box = (size: number) => `${definition}
    new k8s.apiextensions.CustomResource("box", {
      apiVersion: "${group}/v1", kind: "Box", metadata: { namespace, name: "box" },
      spec: { size: ${size} },
    }, { ...opts, dependsOn: definition });`;
  const up = async (body: string) => {
    await scratch.write(program(live, namespace, body));
    return scratch.up();
  };

  it("makes a definition and an object of it in one run, and plans both before either is", async () => {
    await scratch.write(program(live, namespace, box(1)));
    const plan = await scratch.preview();
    assert.deepEqual(plan.changes, { create: 5 }, plan.stdout);
    const run = await scratch.up();
    assert.deepEqual(run.changes, { create: 5 }, run.stdout);
    const same = await scratch.preview("--refresh", "--expect-no-changes");
    assert.equal(same.code, 0, same.stdout);
    const changed = await up(box(2));
    assert.deepEqual(changes(changed), [`update kubernetes:${group}/v1:Box::box`]);
  });

  it("waits for what an annotation asks for", async () => {
    const body = box(3).replace(
      'name: "box" }',
      `name: "box", annotations: {
        "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "2",
      } }`,
    );
    const late = await up(body);
    assert.notEqual(late.code, 0);
    assert.match(late.stdout, /timed out after 2 s: waiting for condition=Ready, it is not set/);
    const status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';
    const patch = ["--subresource", "status", "--type", "merge", "-p", status];
    await kubectl(live, "-n", namespace, "patch", `boxes.${group}/box`, ...patch);
    const ready = await up(body);
    assert.equal(ready.code, 0, ready.stdout);
  });

  it("owns some fields of an object of others by a patch, and lets them go", async () => {
    await kubectl(live, "-n", namespace, "create", "configmap", "theirs", "--from-literal=a=1");
    const data = () =>
      kubectl(live, "-n", namespace, "get", "configmap/theirs", "-o", "jsonpath={.data}");
    const run = await up(`${box(3)}
      new k8s.core.v1.ConfigMapPatch("patch", {
        metadata: { namespace, name: "theirs" }, data: { b: "2" },
      }, opts);`);
    assert.equal(run.code, 0, run.stdout);
    assert.deepEqual(JSON.parse(await data()), { a: "1", b: "2" });
    const without = await up(box(3));
    assert.equal(without.code, 0, without.stdout);
    assert.deepEqual(JSON.parse(await data()), { a: "1" });
  });

  it("plans without a cluster, with one line that says so, and fails to update", async () => {
    const dead = join(scratch.folder, "dead.json");
    const cluster = { name: "sandbox", cluster: { server: "https://127.0.0.1:9" } };
    const context = { name: "sandbox", context: { cluster: "sandbox", user: "" } };
    await writeFile(dead, JSON.stringify({ clusters: [cluster], contexts: [context] }));
    await scratch.write(program({ ...live, kubeconfig: dead }, namespace, box(4)));
    const plan = await scratch.preview();
    assert.equal(plan.code, 0, plan.stdout);
    const line =
      "configured Kubernetes cluster is unreachable: " +
      "cannot reach the API server at https://127.0.0.1:9";
    // Once while it happens, once in the summary.
    assert.equal(plan.stdout.split(line).length - 1, 2, plan.stdout);
    const run = await scratch.up();
    assert.notEqual(run.code, 0);
    assert.match(run.stdout, /error: configured Kubernetes cluster is unreachable/);
    await scratch.write(program(live, namespace, box(4)));
    const repaired = await scratch.up();
    assert.equal(repaired.code, 0, repaired.stdout);
  });
});
