import assert from "node:assert/strict";
import type { Make } from "./contract.ts";
import type { Stack } from "./fixture.ts";
import { everyPodReady } from "./scale.ts";

interface Brokers {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly env: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
}

/** What becomes of an update that does not come to its end. */
export function interruptions(stack: () => Stack, make: Make): void {
  describe("while its change is cut off", () => {
    const heap = async () => {
      const { spec } = await stack().get<Brokers>("statefulset", "kafka", "-n", "kafka");
      const [broker] = spec.template.spec.containers;
      return broker?.env.find(({ name }) => name === "KAFKA_HEAP_OPTS")?.value;
    };
    /** What the brokers have by the stack's file. */
    const own = "-Xms320m -Xmx320m";

    it("finds what an up that was killed left behind, and puts it right", async () => {
      // The way back from what changes.ts has left, which all brokers have to roll for.
      assert.notEqual(await heap(), own);
      await stack().cutOff("SIGKILL", /StatefulSet kafka updating/);
      await stack().ask("pulumi", "cancel", "--yes", "--stack", "dev");
      assert.equal(make("up").status, 0);
      assert.equal(await heap(), own);
      await everyPodReady(stack());
      assert.match(await stack().up(), /Resources:\n {4}\d+ unchanged\n/);
    });
  });
}
