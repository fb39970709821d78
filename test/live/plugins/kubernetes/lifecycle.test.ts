import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kubectl, type Live, requireLive, Scratch } from "../../harness.ts";
import { changes, freshNamespace, program } from "./program.ts";

describe("kubernetes plugin: objects from creation to deletion", function () {
  this.timeout(300_000);
  const namespace = freshNamespace();
  let live: Live;
  let scratch: Scratch;

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-lifecycle", live);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const run = (body: string) => scratch.apply(program(live, namespace, body));
  const get = async (what: string, path: string) =>
    kubectl(live, "-n", namespace, "get", what, "-o", `jsonpath={${path}}`);

  const configMap = (name: string, metadata: string, data: string) => `
    const ${name} = new k8s.core.v1.ConfigMap("${name}", {
      metadata: { namespace, ${metadata} }, data: ${data},
    }, opts);
    exports.${name} = ${name}.metadata.name;`;

  it("creates objects, says that it is a stand-in once, and then finds nothing to do", async () => {
    const first = await run(configMap("plain", 'name: "plain"', '{ a: "1" }'));
    assert.deepEqual(first.changes, { create: 4 });
    const notices = first.events.filter((event) =>
      JSON.stringify(event).includes("sandbox stand-in for the kubernetes plugin in use"),
    );
    assert.equal(notices.length, 1);
    assert.equal(await get("configmap/plain", ".data.a"), "1");
    const second = await scratch.up("--expect-no-changes");
    assert.deepEqual(second.changes, { same: 4 });
    const plan = await scratch.preview("--refresh", "--expect-no-changes");
    assert.equal(plan.code, 0, plan.stdout);
  });

  it("updates in place what can be", async () => {
    const before = await get("configmap/plain", ".metadata.uid");
    const labels = 'name: "plain", labels: { colour: "green" }';
    const result = await run(configMap("plain", labels, '{ a: "1" }'));
    assert.deepEqual(changes(result), ["update kubernetes:core/v1:ConfigMap::plain"]);
    assert.equal(await get("configmap/plain", ".metadata.labels.colour"), "green");
    assert.equal(await get("configmap/plain", ".metadata.uid"), before);
  });

  it("gives up a field that the program no longer sets", async () => {
    await run(configMap("plain", 'name: "plain"', '{ a: "1" }'));
    assert.equal(await get("configmap/plain", ".metadata.labels.colour"), "");
  });

  it("deletes an object with a fixed name before it replaces it", async () => {
    const before = await get("configmap/plain", ".metadata.uid");
    const result = await run(configMap("plain", 'name: "plain"', '{ a: "2" }'));
    assert.deepEqual(changes(result), [
      "delete-replaced kubernetes:core/v1:ConfigMap::plain",
      "replace kubernetes:core/v1:ConfigMap::plain",
      "create-replacement kubernetes:core/v1:ConfigMap::plain",
    ]);
    assert.notEqual(await get("configmap/plain", ".metadata.uid"), before);
    assert.equal(await get("configmap/plain", ".data.a"), "2");
  });

  it("names objects that have no name, and replaces those by a new one first", async () => {
    await run(configMap("auto", "", '{ a: "1" }'));
    const names = async () => (await get("configmap", ".items[*].metadata.name")).split(" ");
    const [first = ""] = (await names()).filter((name) => name.startsWith("auto-"));
    assert.match(first, /^auto-[0-9a-f]{8}$/);
    const annotation = ".metadata.annotations.pulumi\\.com/autonamed";
    assert.equal(await get(`configmap/${first}`, annotation), "true");
    const same = await scratch.up("--expect-no-changes");
    assert.equal(same.code, 0, same.stdout);
    const result = await run(configMap("auto", "", '{ a: "2" }'));
    assert.deepEqual(changes(result), [
      "create-replacement kubernetes:core/v1:ConfigMap::auto",
      "replace kubernetes:core/v1:ConfigMap::auto",
      "delete-replaced kubernetes:core/v1:ConfigMap::auto",
    ]);
    const second = (await names()).filter((name) => name.startsWith("auto-"));
    assert.equal(second.length, 1);
    assert.notEqual(second[0], first);
  });

  it("replaces on a field that the API server does not let anyone change", async () => {
    const binding = (role: string) => `
      const binding = new k8s.rbac.v1.RoleBinding("binding", {
        metadata: { namespace, name: "binding" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "${role}" },
        subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
      }, opts);`;
    await run(binding("view"));
    const result = await run(binding("edit"));
    assert.equal(
      changes(result)[0],
      "delete-replaced kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::binding",
    );
    assert.equal(await get("rolebinding/binding", ".roleRef.name"), "edit");
  });

  it("finds drift by a refresh and puts it right", async () => {
    const body = configMap("drift", 'name: "drift", labels: { a: "1" }', '{ a: "1" }');
    await run(body);
    const patch = '{"metadata":{"labels":{"a":"2","theirs":"3"}}}';
    await kubectl(live, "-n", namespace, "patch", "configmap/drift", "-p", patch);
    const unseen = await scratch.preview("--expect-no-changes");
    assert.equal(unseen.code, 0, unseen.stdout);
    const refreshed = await scratch.refresh();
    assert.equal(refreshed.changes.update, 1, refreshed.stdout);
    await run(body);
    assert.equal(await get("configmap/drift", ".metadata.labels.a"), "1");
    // What was done by hand is taken back, as by the real plugin.
    assert.equal(await get("configmap/drift", ".metadata.labels.theirs"), "");
  });

  it("leaves alone what another field manager owns, unless told to take it over", async () => {
    const body = configMap("drift", 'name: "drift", labels: { a: "4" }', '{ a: "1" }');
    const theirs = `
apiVersion: v1
kind: ConfigMap
metadata: { name: drift, namespace: ${namespace}, labels: { a: "3", theirs: "3" } }`;
    const file = join(scratch.folder, "theirs.yaml");
    await writeFile(file, theirs);
    const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager", "controller"];
    await kubectl(live, ...apply, "-f", file);
    await scratch.write(program(live, namespace, body));
    const refused = await scratch.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout, /conflict with "controller"/);
    const forced = 'metadata: { annotations: { "pulumi.com/patchForce": "true" },';
    await run(body.replace("metadata: {", forced));
    assert.equal(await get("configmap/drift", ".metadata.labels.a"), "4");
    assert.equal(await get("configmap/drift", ".metadata.labels.theirs"), "3");
  });

  it("takes an object that was deleted by others out of the state and makes it anew", async () => {
    const body = configMap("gone", 'name: "gone"', '{ a: "1" }');
    await run(body);
    await kubectl(live, "-n", namespace, "delete", "configmap/gone");
    const refreshed = await scratch.refresh();
    assert.equal(refreshed.changes.delete, 1, refreshed.stdout);
    await run(body);
    assert.equal(await get("configmap/gone", ".data.a"), "1");
  });

  it("fails to create what exists already, and imports it", async () => {
    await kubectl(live, "-n", namespace, "create", "configmap", "theirs", "--from-literal=a=1");
    const body = configMap("theirs", 'name: "theirs"', '{ a: "1" }');
    await scratch.write(program(live, namespace, body));
    const refused = await scratch.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout, new RegExp(`ConfigMap ${namespace}/theirs already exists`));
    const before = await get("configmap/theirs", ".metadata.uid");
    const imported = await run(
      body.replace(", opts)", `, { ...opts, import: "${namespace}/theirs" })`),
    );
    assert.equal(imported.changes.import, 1, imported.stdout);
    await run(body);
    assert.equal(await get("configmap/theirs", ".metadata.uid"), before);
  });

  it("reads an object that it does not own", async () => {
    await run(`
      const found = k8s.core.v1.ConfigMap.get("found", \`${namespace}/kube-root-ca.crt\`, opts);
      exports.keys = found.data.apply((data) => Object.keys(data));`);
    assert.match(await scratch.export(), /"keys":\s*\[\s*"ca.crt"\s*\]/);
  });

  it("refuses fields that the API server does not know", async () => {
    await scratch.write(
      program(live, namespace, configMap("odd", 'name: "odd", nonsense: "x"', '{ a: "1" }')),
    );
    const result = await scratch.preview();
    assert.notEqual(result.code, 0);
    assert.match(result.stdout, /nonsense/);
  });

  it("deletes in reverse order", async () => {
    await run(configMap("last", 'name: "last"', '{ a: "1" }'));
    const result = await scratch.destroy();
    assert.equal(result.code, 0, result.stdout);
    assert.deepEqual(changes(result), [
      "delete kubernetes:core/v1:ConfigMap::last",
      "delete kubernetes:core/v1:Namespace::ns",
    ]);
    assert.equal(await kubectl(live, "get", "namespace", namespace, "--ignore-not-found"), "");
  });
});
