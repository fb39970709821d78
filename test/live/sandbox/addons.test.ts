import assert from "node:assert/strict";
import { join } from "node:path";
import { applyAddons } from "../../../sandbox/addons/index.ts";
import { addresses } from "../../../sandbox/addresses.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import { createRun } from "../../../sandbox/run.ts";
import { until } from "../../until.ts";
import { kubectl, type Live, requireLive } from "../harness.ts";
import { namespace, objects, shortLived } from "./store.ts";

const service = `store.${namespace}.svc.${addresses.clusterDomain}`;

/** The name that the name of an IPv4 address is asked by. */
function reverseName(address: string): string {
  return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
}

describe("live: sandbox add-ons", function () {
  this.timeout(180_000);
  const paths = sandboxPaths();
  const kubectlProgram = join(paths.components, "kubectl");
  const run = createRun({ KUBECONFIG: paths.kubeconfig });
  let live: Live;

  const ask = (...args: string[]): Promise<string> =>
    kubectl(live, "--namespace", namespace, ...args);
  const inPod = (program: string): Promise<string> =>
    ask("exec", "store-0", "--", "node", "-e", program);
  const rolledOut = (): Promise<string> =>
    ask("rollout", "status", "statefulset/store", "--timeout=120s");
  const remove = (): Promise<string> =>
    kubectl(live, "delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s");

  before(async function () {
    live = requireLive(this);
    await remove();
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await run(kubectlProgram, ["apply", "--server-side", "--filename=-"], { input: list });
    await rolledOut();
  });
  after(async () => {
    if (live) await remove();
  });

  describe("DNS", () => {
    /** What a call of node's resolver gives in the pod: its answer or its error's code. */
    const resolve = async (call: string): Promise<unknown> =>
      JSON.parse(
        await inPod(
          `dns.promises.${call}.catch((e) => e.code).then((a) => console.log(JSON.stringify(a)))`,
        ),
      );

    it("answers the address of a pod by its name", async () => {
      const address = await ask("get", "pod", "store-0", "--output=jsonpath={.status.podIP}");
      assert.deepEqual(await resolve(`resolve4("store-0.${service}")`), [address]);
      assert.deepEqual(await resolve(`resolve4("${service}")`), [address]);
    });

    it("answers the name of a pod by its address", async () => {
      const address = await ask("get", "pod", "store-0", "--output=jsonpath={.status.podIP}");
      // Not dns.reverse: that reads /etc/hosts first, where every pod stands itself.
      assert.deepEqual(await resolve(`resolvePtr("${reverseName(address)}")`), [
        `store-0.${service}`,
      ]);
    });

    it("follows a pod that came back under another address", async () => {
      await ask("delete", "pod", "store-0");
      await rolledOut();
      const address = await ask("get", "pod", "store-0", "--output=jsonpath={.status.podIP}");
      await until("the new address", 60, async () => {
        const found = await resolve(`resolve4("store-0.${service}")`);
        return JSON.stringify(found) === JSON.stringify([address]);
      });
    });

    it("answers a short name by the search path", async () => {
      const found = await resolve('lookup("kubernetes.default", { family: 4 })');
      assert.deepEqual(found, { address: addresses.apiService, family: 4 });
    });

    it("has no answer for a name that does not exist", async () => {
      assert.equal(await resolve(`resolve4("nobody.${service}")`), "ENOTFOUND");
      const unused = reverseName("10.201.255.254");
      assert.equal(await resolve(`resolvePtr("${unused}")`), "ENOTFOUND");
    });

    it("fails for names outside of the cluster at once", async () => {
      assert.equal(await resolve('resolve4("greetings.example.com")'), "ESERVFAIL");
    });
  });

  describe("storage", () => {
    it("binds a claim to a volume of the class standard", async () => {
      const output = "--output=jsonpath={.status.phase} {.spec.storageClassName}";
      assert.equal(
        await ask("get", "persistentvolumeclaim", "data-store-0", output),
        "Bound standard",
      );
    });

    it("lets a pod of user 1000 write by its fsGroup", async () => {
      const printed = await inPod(
        'const s = fs.statSync("/data"); console.log(process.getuid(), s.uid, s.gid)',
      );
      assert.equal(printed, "1000 0 1000");
    });

    it("keeps what was written when the pod goes", async () => {
      const before = await inPod('process.stdout.write(fs.readFileSync("/data/log"))');
      await ask("delete", "pod", "store-0");
      await rolledOut();
      assert.equal(
        await inPod('process.stdout.write(fs.readFileSync("/data/log"))'),
        `${before} started`,
      );
    });

    it("deletes the volume with its claim", async () => {
      const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: shortLived });
      await run(kubectlProgram, ["apply", "--server-side", "--filename=-"], { input });
      await ask("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/short", "--timeout=60s");
      const volume = await ask(
        "get",
        "persistentvolumeclaim",
        "short",
        "--output=jsonpath={.spec.volumeName}",
      );
      assert.match(volume, /^pvc-/);
      await ask("delete", "pod/short", "persistentvolumeclaim/short");
      await kubectl(live, "wait", "--for=delete", `persistentvolume/${volume}`, "--timeout=60s");
    });
  });

  describe("metrics", () => {
    it("has the memory of the node", async () => {
      const path = `/apis/metrics.k8s.io/v1beta1/nodes/${addresses.nodeName}`;
      await until("the node is measured", 240, async () => {
        const { usage } = JSON.parse(await kubectl(live, "get", "--raw", path));
        return /^[1-9]\d*Ki$/.test(usage.memory);
      });
    });

    it("moves the autoscaler", async () => {
      const output = '--output=jsonpath={.status.conditions[?(@.type=="ScalingActive")].reason}';
      await until(
        "metrics for the autoscaler",
        150,
        async () => (await ask("get", "hpa", "store", output)) === "ValidMetricFound",
      );
    });

    it("is served with a certificate that the API server checks", async () => {
      const output =
        "--output=jsonpath={.status.conditions[0].status} {.spec.insecureSkipTLSVerify}";
      const printed = await kubectl(live, "get", "apiservice", "v1beta1.metrics.k8s.io", output);
      assert.equal(printed.trim(), "True");
    });
  });

  it("change nothing when they are applied again", async () => {
    const apply = (): Promise<void> =>
      applyAddons({
        paths,
        progress: {
          say: () => undefined,
          step: (_what, work) => work({ detail: () => undefined }),
        },
        run,
        registry: addresses.registry,
        kubectl: kubectlProgram,
        built: () => Promise.reject(new Error("nothing is built for add-ons")),
      });
    const get = (...args: string[]): Promise<string> =>
      kubectl(live, "--namespace", "kube-system", "get", ...args);
    // Deployments are left out of the first: their status changes by itself.
    const state = async (): Promise<readonly string[]> => [
      await get(
        ...["configmap/coredns", "service/kube-dns", "service/metrics-server"],
        ...["secret/metrics-server-tls", "storageclass/standard", "clusterrole/system:coredns"],
        "--output=jsonpath={.items[*].metadata.resourceVersion}",
      ),
      await get(
        ...["deployment/coredns", "deployment/metrics-server"],
        "--output=jsonpath={.items[*].metadata.generation}",
      ),
    ];
    // A sandbox that an older checkout brought up is brought up to date first.
    await apply();
    const before = await state();
    const began = Date.now();
    await apply();
    assert.deepEqual(await state(), before);
    assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
  });
});
