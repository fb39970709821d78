import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyAddons, grantPolicyRights } from "../../../sandbox/addons/index.ts";
import type { KubernetesObject } from "../../../sandbox/addons/objects.ts";
import type { SandboxContext } from "../../../sandbox/context.ts";
import { type Fakes, startFakes } from "../images/fakes.ts";

describe("sandbox/addons", () => {
  let cache: string;
  let fakes: Fakes;
  let context: SandboxContext;
  /** Command lines of kubectl, in order. */
  let called: string[];
  let applied: readonly KubernetesObject[];

  beforeEach(async () => {
    cache = mkdtempSync(join(tmpdir(), "addons-"));
    fakes = await startFakes(cache);
    fakes.registry.set("coredns/coredns:v1.12.4", "a");
    fakes.registry.set("metrics-server/metrics-server:v0.7.2", "b");
    const { certificates } = fakes.context.paths;
    mkdirSync(certificates, { recursive: true });
    for (const name of ["cluster-ca.crt", "metrics-server.crt", "metrics-server.key"]) {
      writeFileSync(join(certificates, name), name);
    }
    called = [];
    applied = [];
    context = {
      ...fakes.context,
      run: async (_command, args, options) => {
        called.push(args.join(" "));
        if (args[0] === "apply") {
          applied = (JSON.parse(options?.input ?? "") as { items: KubernetesObject[] }).items;
        }
        return "";
      },
    };
  });
  afterEach(() => {
    fakes.close();
    rmSync(cache, { recursive: true });
  });

  it("applies all objects at once and waits for DNS alone", async () => {
    await applyAddons(context);
    assert.deepEqual(called, [
      "apply --server-side --force-conflicts --field-manager=sandbox --filename=-",
      "rollout status deployment/coredns --namespace kube-system --timeout=240s",
    ]);
    assert.equal(applied.length, 20);
  });

  it("grants the network policies their rights before anything else is there", async () => {
    await grantPolicyRights({ ...context, built: () => Promise.reject(new Error("not built")) });
    assert.deepEqual(called, [
      "apply --server-side --force-conflicts --field-manager=sandbox --filename=-",
    ]);
    assert.deepEqual(
      applied.map(({ kind }) => kind),
      ["ClusterRole", "ClusterRoleBinding"],
    );
  });

  it("pins the images by the digests that the registry serves", async () => {
    await applyAddons(context);
    const text = JSON.stringify(applied);
    assert.ok(text.includes('"registry.k8s.io/coredns/coredns:v1.12.4@sha256:of-v1.12.4"'));
  });

  it("takes the certificate of the identity metrics-server", async () => {
    await applyAddons(context);
    const secret = applied.find(({ kind }) => kind === "Secret");
    const encoded = (text: string): string => Buffer.from(text).toString("base64");
    assert.deepEqual(secret?.data, {
      "tls.crt": encoded("metrics-server.crt"),
      "tls.key": encoded("metrics-server.key"),
    });
  });

  it("fails when an image is not in the registry", async () => {
    fakes.registry.delete("coredns/coredns:v1.12.4");
    await assert.rejects(applyAddons(context), {
      message: `registry ${context.registry}: no image coredns/coredns:v1.12.4; run \`make sandbox-up\``,
    });
    assert.deepEqual(called, []);
  });

  it("fails when the API server refuses an object", async () => {
    const refusing = { ...context, run: () => Promise.reject(new Error("refused: a reason")) };
    await assert.rejects(applyAddons(refusing), { message: "refused: a reason" });
  });
});
