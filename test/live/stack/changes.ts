import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import { CountedLoads } from "./counted.ts";
import { type AppName, apps, isReady, type Pod, type Stack } from "./fixture.ts";
import { everyPodReady, Scale } from "./scale.ts";

const names = Object.keys(apps) as AppName[];

const reason = "broken on purpose";
/** An API that is never ready, so that no good one is given up by the shorter deadline it has. */
const broken: Readonly<Record<string, (text: string) => string>> = {
  "apps/api/src/main.ts": () => `process.stderr.write("${reason}\\n");\nprocess.exit(1);\n`,
  "workloads/greetings/app.ts": (text) => {
    const sooner = text.replace("progressDeadlineSeconds: 180,", "progressDeadlineSeconds: 30,");
    assert.notEqual(sooner, text);
    return sooner;
  },
};

/** A copy of the checkout with some files changed; packages are shared. */
function copyWith(edits: Readonly<Record<string, (text: string) => string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-"));
  const left = new Set(["node_modules", ".git"]);
  cpSync(root, folder, { recursive: true, filter: (source) => !left.has(basename(source)) });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [file, edit] of Object.entries(edits)) {
    writeFileSync(join(folder, file), edit(readFileSync(join(root, file), "utf8")));
  }
  return folder;
}

/** What an update touches and what it leaves alone. */
export function changes(stack: () => Stack): void {
  describe("while it changes", () => {
    // What was changed stays so: the way back is the change that interruptions.ts has killed.
    const changed: Record<string, unknown> = {};
    const up = (more: Record<string, unknown> = {}) => stack().up(Object.assign(changed, more));
    const scales: Scale[] = [];
    let loads: CountedLoads;

    before(async () => {
      // Left to themselves they would scale with the load, and the pods be others for that.
      for (const [app, count] of [["api", 2] as const, ["worker", 1] as const]) {
        const scale = await Scale.of(stack(), app);
        scales.push(scale);
        await scale.to(count);
      }
      loads = await CountedLoads.open(stack());
      await everyPodReady(stack());
    });
    after(async () => {
      await loads?.close();
      for (const scale of scales) await scale.free();
    });

    async function uids(): Promise<Record<string, string[]>> {
      const found: Record<string, string[]> = {};
      for (const app of names) {
        const pods = (await stack().pods(app)).filter(isReady);
        found[app] = pods.map(({ metadata }) => metadata.uid).sort();
      }
      return found;
    }

    it("loses no acknowledged text while a changed setting rolls exactly the brokers, although its up is interrupted", async () => {
      const before = await uids();
      const roll = async () => {
        Object.assign(changed, { kafkaHeapMiB: 336 });
        await stack().cutOff("SIGINT", /StatefulSet kafka updating/, changed);
        await up();
      };
      const { acknowledged, lost } = await loads.during("rolling", 5000, 3, roll);
      await everyPodReady(stack());
      const { kafka = [], ...others } = await uids();
      const { kafka: old = [], ...same } = before;
      const kept = old.filter((uid) => kafka.includes(uid));
      assert.deepEqual({ kept, brokers: kafka.length }, { kept: [], brokers: 3 });
      assert.deepEqual(others, same);
      assert.ok(acknowledged.size >= 5000, `${acknowledged.size} acknowledged`);
      assert.equal(lost, 0);
    });

    it("applies a changed setting of a topic without rolling anything", async () => {
      const before = await uids();
      assert.match(await up({ topicRetentionHours: 100 }), /Resources:\n/);
      assert.deepEqual(await uids(), before);
    });

    it("rolls a broken API out to nobody, says why, and takes the fix", async () => {
      const serving = async () => (await stack().pods("api")).filter(isReady);
      const imagesOf = (pods: readonly Pod[]) => [
        ...new Set(pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image))),
      ];
      const before = await serving();
      const copy = copyWith(broken);
      try {
        const { code, text } = await stack().pulumi("up", changed, copy);
        assert.notEqual(code, 0, text);
        assert.match(text, /CrashLoopBackOff|exit code 1|exited with code 1/, text);
        assert.match(text, new RegExp(reason), text);
        const after = await serving();
        assert.deepEqual(imagesOf(after), imagesOf(before));
        const uids = after.map(({ metadata }) => metadata.uid);
        for (const { metadata } of before) assert.ok(uids.includes(metadata.uid), metadata.name);
      } finally {
        rmSync(copy, { recursive: true });
      }
      await up();
      await everyPodReady(stack());
    });
  });
}
