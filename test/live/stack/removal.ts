import assert from "node:assert/strict";
import type { Make } from "./contract.ts";
import type { Stack } from "./fixture.ts";

const kinds = "namespaces,pv,pvc,clusterroles,clusterrolebindings,pods,services,secrets,configmaps";

/** That nothing of ours is left when the stack is taken down. */
export function removal(stack: () => Stack, make: Make): void {
  describe("when it is destroyed", () => {
    it("leaves no object, namespace, volume or image of ours", async () => {
      assert.equal(make("destroy", "yes=1").status, 0);
      const ours = ["-A", "-l", "app.kubernetes.io/part-of=web-greetings", "-o", "name"];
      assert.equal(await stack().kubectl("get", kinds, ...ours), "");
      const names = (await stack().kubectl("get", "namespaces", "-o", "name")).split("\n");
      for (const name of ["zookeeper", "kafka", "greetings"]) {
        assert.equal(names.includes(`namespace/${name}`), false, name);
      }
      assert.equal(await stack().kubectl("get", "pv", "-o", "name"), "");
      for (const app of ["api", "worker", "kafka-agent"]) {
        const answer = await fetch(`http://localhost:5000/v2/web-greetings/${app}/tags/list`);
        const { tags } = (await answer.json()) as { tags?: string[] | null };
        assert.deepEqual(tags ?? [], [], app);
      }
      const state = await stack().ask("pulumi", "stack", "export", "--stack", "dev");
      assert.equal(JSON.parse(state).deployment.resources?.length ?? 0, 0);
    });
  });
}
