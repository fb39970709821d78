import assert from "node:assert/strict";
import { apps as bundled } from "../../../apps/build.ts";
import { pendingIn } from "../../../sandbox/make/pending.ts";
import type { Make } from "./contract.ts";
import type { Stack } from "./fixture.ts";

const kinds = "namespaces,pv,pvc,clusterroles,clusterrolebindings,pods,services,secrets,configmaps";

/** That nothing of ours is left when the stack is taken down. */
export function removal(stack: () => Stack, make: Make): void {
  describe("when it is destroyed", () => {
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

    it("keeps its data where the settings say so, names it, and takes it over again", async () => {
      const retain = { retain: true };
      const done = async (operation: string, settings: Record<string, unknown>) => {
        const { code, text } = await stack().pulumi(operation, settings);
        assert.equal(code, 0, text);
        return text;
      };
      await done("up", retain);
      const { items } = await stack().get<{ items: { metadata: { uid: string } }[] }>("pvc", "-A");
      const destroyed = make("destroy", "yes=1");
      assert.equal(destroyed.status, 0);
      const named = String(destroyed.stdout).match(/^kept, as web-greetings:retain says: .*$/gm);
      for (const line of named ?? []) console.log(`      ${line}`);
      assert.equal(named?.length, 9);
      const claims = await stack().get<{
        items: { metadata: { uid: string; namespace: string } }[];
      }>("pvc", "-A");
      const uids = (list: readonly { metadata: { uid: string } }[]) =>
        list.map(({ metadata }) => metadata.uid).sort();
      assert.equal(items.length, 9);
      assert.deepEqual(uids(claims.items), uids(items));

      const refused = await stack().pulumi("up", retain);
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, /already exists/);
      await done("up", { ...retain, adopt: true });
      const again = await stack().get<{ items: { metadata: { uid: string } }[] }>("pvc", "-A");
      assert.deepEqual(uids(again.items), uids(items));
      // The topic came with its volumes: there was nothing left to make.
      assert.match(await topicOf(), /web-greetings/);
      assert.doesNotMatch(await topicOf(), /created web-greetings/);
      assert.match(await done("up", retain), /Resources:\n/);
      await done("up", {});
    });

    it("leaves no object, namespace, volume or image of ours", async () => {
      assert.equal(make("destroy", "yes=1").status, 0);
      const ours = ["-A", "-l", "app.kubernetes.io/part-of=web-greetings", "-o", "name"];
      assert.equal(await stack().kubectl("get", kinds, ...ours), "");
      const names = (await stack().kubectl("get", "namespaces", "-o", "name")).split("\n");
      for (const name of ["consul", "zookeeper", "kafka", "greetings", "edge", "network-check"]) {
        assert.equal(names.includes(`namespace/${name}`), false, name);
      }
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
      assert.doesNotMatch(namespaces, /consul|kafka|zookeeper|greetings|edge|network-check/);
    });

    it("comes up although its first up was killed while it created, and goes again", async () => {
      await stack().cutOff("SIGKILL", /StatefulSet zookeeper creating/);
      await stack().ask("pulumi", "cancel", "--yes", "--stack", "dev");
      const state = pendingIn(await stack().ask("pulumi", "stack", "export", "--stack", "dev"));
      const ids = state.objects.map(({ id }) => id);
      assert.ok(ids.includes("zookeeper/zookeeper"), JSON.stringify(ids));
      assert.equal(make("up").status, 0);
      assert.match((await stack().pulumi("up")).text, /Resources:\n {4}\d+ unchanged\n/);
      assert.equal(make("destroy", "yes=1").status, 0);
    });
  });
}
