import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import { until } from "../../until.ts";
import type { Make } from "./contract.ts";
import { type AppName, apps, isReady, type Pod, type Stack } from "./fixture.ts";

const names = Object.keys(apps) as AppName[];

interface Broker {
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

/** A copy of the checkout with one file replaced; packages are shared. */
function copyWith(file: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-"));
  const left = new Set(["node_modules", ".git"]);
  cpSync(root, folder, { recursive: true, filter: (source) => !left.has(basename(source)) });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, file), text);
  return folder;
}

/** What an update touches and what it leaves alone. */
export function changes(stack: () => Stack, make: Make): void {
  describe("while it changes", () => {
    async function uids(): Promise<Record<string, string[]>> {
      const found: Record<string, string[]> = {};
      for (const app of names) {
        const pods = (await stack().pods(app)).filter(isReady);
        found[app] = pods.map(({ metadata }) => metadata.uid).sort();
      }
      return found;
    }

    async function settled(): Promise<void> {
      await until("every pod ready", 180, async () => {
        const all = await Promise.all(names.map((app) => stack().pods(app)));
        return all.every((pods) => pods.length > 0 && pods.every(isReady));
      });
    }

    async function up(settings: Record<string, unknown> = {}): Promise<string> {
      const { code, text } = await stack().pulumi("up", settings);
      assert.equal(code, 0, text);
      return text;
    }

    before(settled);

    it("rolls exactly the brokers for a changed setting of theirs", async () => {
      const before = await uids();
      await up({ kafkaHeapMiB: 336 });
      const after = await uids();
      const kept = before.kafka?.filter((uid) => after.kafka?.includes(uid));
      assert.deepEqual({ kept, brokers: after.kafka?.length }, { kept: [], brokers: 3 });
      for (const app of ["zookeeper", "api", "worker", "edge"])
        assert.deepEqual(after[app], before[app], app);
      await up();
    });

    it("applies a changed setting of a topic without rolling anything", async () => {
      const before = await uids();
      const text = await up({ topicRetentionHours: 100 });
      assert.match(text, /Resources:\n/);
      assert.deepEqual(await uids(), before);
      await up();
    });

    it("rolls a broken API out to nobody, says why, and takes the fix", async () => {
      const serving = async () => (await stack().pods("api")).filter(isReady);
      const imagesOf = (pods: readonly Pod[]) => [
        ...new Set(pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image))),
      ];
      const before = await serving();
      const reason = "broken on purpose";
      const broken = `process.stderr.write("${reason}\\n");\nprocess.exit(1);\n`;
      const copy = copyWith("apps/api/src/main.ts", broken);
      try {
        const { code, text } = await stack().pulumi("up", {}, copy);
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
      await settled();
    });

    const rolling = /StatefulSet kafka updating/;

    it("carries on after an up that was interrupted in the middle", async () => {
      await stack().cutOff("SIGINT", rolling, { kafkaHeapMiB: 344 });
      await up();
      assert.match(await up(), /Resources:\n {4}\d+ unchanged\n/);
      await settled();
    });

    it("finds what an up that was killed left behind, and puts it right", async () => {
      await stack().cutOff("SIGKILL", rolling, { kafkaHeapMiB: 352 });
      await stack().ask("pulumi", "cancel", "--yes", "--stack", "dev");
      assert.equal(make("up").status, 0);
      const { spec } = await stack().get<Broker>("statefulset", "kafka", "-n", "kafka");
      const heap = spec.template.spec.containers[0]?.env.find(
        ({ name }) => name === "KAFKA_HEAP_OPTS",
      );
      assert.equal(heap?.value, "-Xms320m -Xmx320m");
      await settled();
    });
  });
}
