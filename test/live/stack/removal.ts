import assert from "node:assert/strict";
import { apps as bundled } from "../../../apps/build.ts";
import { pendingIn } from "../../../sandbox/make/pending.ts";
import { editions } from "./consul.ts";
import type { Make } from "./contract.ts";
import type { Stack } from "./fixture.ts";
import { publish, texts } from "./load.ts";

const kinds = "namespaces,pv,pvc,clusterroles,clusterrolebindings,pods,services,secrets,configmaps";

interface Servers {
  readonly spec: {
    readonly persistentVolumeClaimRetentionPolicy: { readonly whenDeleted: string };
  };
}

/** That nothing of ours is left when the stack is taken down. */
export function removal(stack: () => Stack, make: Make): void {
  describe("when it is destroyed", () => {
    // Each goes on from where the last one has left the stack. Mocha's own bail would leave all of
    // them out for a failure anywhere before.
    let stopped = false;
    beforeEach(function () {
      if (stopped) this.skip();
    });
    afterEach(function () {
      stopped ||= this.currentTest?.state === "failed";
    });
    const topicOf = async () => {
      const log = ["logs", "-n", "kafka", "-l", "app.kubernetes.io/component=topics", "--tail=-1"];
      return stack().kubectl(...log);
    };

    /** Tags of our own images in the sandbox's registry. */
    async function tags(): Promise<string[]> {
      const listed = await Promise.all(
        bundled.map(async (app) => {
          const answer = await fetch(`http://localhost:5000/v2/web-greetings/${app}/tags/list`);
          const { tags } = (await answer.json()) as { readonly tags?: readonly string[] | null };
          return (tags ?? []).map((tag) => `${app}:${tag}`);
        }),
      );
      return listed.flat();
    }

    const claims = async () => {
      const { items } = await stack().get<{ items: { metadata: { uid: string } }[] }>("pvc", "-A");
      return items.map(({ metadata }) => metadata.uid).sort();
    };
    let kept: readonly string[] = [];

    it("keeps its data where the settings say so, and names it", async () => {
      await stack().up({ ...editions, retain: true });
      kept = await claims();
      assert.equal(kept.length, 12);
      const destroyed = make("destroy", "yes=1");
      assert.equal(destroyed.status, 0);
      const named = String(destroyed.stdout).match(/^kept, as web-greetings:retain says: .*$/gm);
      for (const line of named ?? []) console.log(`      ${line}`);
      assert.equal(named?.length, 12);
      assert.deepEqual(await claims(), kept);
    });

    it("takes its data over only when told to", async () => {
      const refused = await stack().pulumi("up", { retain: true });
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, /already exists/);
      assert.deepEqual(await claims(), kept);
    });

    it("comes up with its data although an up was killed while it created", async () => {
      const adopt = { retain: true, adopt: true };
      // What is said of its progress comes from the plugin: by then the engine has written it down.
      await stack().cutOff("SIGKILL", /StatefulSet zookeeper creating \(\d+s\) \w/, adopt);
      await stack().ask("pulumi", "cancel", "--yes", "--stack", "dev");
      const state = pendingIn(await stack().ask("pulumi", "stack", "export", "--stack", "dev"));
      const ids = state.objects.map(({ id }) => id);
      assert.ok(ids.includes("zookeeper/zookeeper"), JSON.stringify(ids));
      const { code, text } = await stack().makeUp(adopt);
      assert.equal(code, 0, text);
      const [found] = text.match(/^the last update was cut off with .*$/m) ?? [];
      assert.ok(found, text);
      console.log(`      ${found}`);
      assert.deepEqual(await claims(), kept);
      // Passwords go with a stack: InfluxDB took the new one, or its set-up would not have ended.
      const takeOver = ["logs", "-n", "influxdb", "influxdb-0", "-c", "take-over"];
      assert.match(await stack().kubectl(...takeOver), /of an earlier stack has made way/);
      // The topic came with its volumes: there was nothing left to make.
      assert.match(await topicOf(), /web-greetings/);
      assert.doesNotMatch(await topicOf(), /created web-greetings/);
      assert.match(await stack().up(adopt), /Resources:\n {4}\d+ unchanged\n/);
    });

    it("lets go of its data when the settings no longer say so", async () => {
      // In an update of its own: what is no longer in the program goes as it was last told to.
      await stack().up();
      const { items } = await stack().get<{ items: Servers[] }>("statefulsets", "-A");
      const kept = items.map(({ spec }) => spec.persistentVolumeClaimRetentionPolicy.whenDeleted);
      assert.deepEqual([...new Set(kept)], ["Delete"]);
    });

    it("leaves nothing of what the settings switch off, and the rest at work", async () => {
      const objects = `${kinds},statefulsets,deployments,daemonsets,jobs,networkpolicies`;
      const monitoring = /prometheus|alertmanager|influx|telegraf|kube-state-metrics|node-exporter/;
      const traces = async () => {
        const found = (await stack().kubectl("get", objects, "-A", "-o", "name")).split("\n");
        return found.filter((name) => monitoring.test(name));
      };
      assert.ok((await traces()).length > 30);
      await stack().up({ workloads: { prometheus: false, influxdb: false, grafana: false } });
      assert.deepEqual(await traces(), []);
      assert.equal((await claims()).length, 9);
      const way = await stack().wayIn();
      const sent = { way, texts: texts("without", 100), connections: 4, retries: 0 };
      assert.equal((await publish(sent)).acknowledged.size, 100);
    });

    it("leaves no object, namespace, volume or image of ours", async () => {
      assert.equal(make("destroy", "yes=1").status, 0);
      const ours = ["-A", "-l", "app.kubernetes.io/part-of=web-greetings", "-o", "name"];
      assert.equal(await stack().kubectl("get", kinds, ...ours), "");
      const names = (await stack().kubectl("get", "namespaces", "-o", "name")).split("\n");
      const left = names.filter((name) => !/^namespace\/(default|kube-.*)?$/.test(name));
      assert.deepEqual(left.filter(Boolean), []);
      assert.equal(await stack().kubectl("get", "pv", "-o", "name"), "");
      assert.deepEqual(await tags(), []);
      const state = await stack().ask("pulumi", "stack", "export", "--stack", "dev");
      assert.equal(JSON.parse(state).deployment.resources?.length ?? 0, 0);
    });

    it("is previewed on the empty cluster without a trace", async () => {
      const { code, text } = await stack().pulumi("preview");
      assert.equal(code, 0, text);
      assert.match(text, /Resources:\n {4}\+ \d+ to create\n/);
      assert.deepEqual(await tags(), []);
      const namespaces = await stack().kubectl("get", "namespaces", "-o", "name");
      assert.doesNotMatch(namespaces, /consul|kafka|influxdb|greetings|network-check/);
    });
  });
}
