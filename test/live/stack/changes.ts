import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import type { Make } from "./contract.ts";
import { CountedLoads } from "./counted.ts";
import { type AppName, apps, isReady, type Stack } from "./fixture.ts";
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

/** What an update touches and what it leaves alone, also one that does not come to its end. */
export function changes(stack: () => Stack, make: Make): void {
  describe("while it changes", () => {
    // What was changed stays so until the last of these tests.
    const changed = { kafkaHeapMiB: 336 };
    const heap = async () => {
      const { spec } = await stack().get<Brokers>("statefulset", "kafka", "-n", "kafka");
      const [broker] = spec.template.spec.containers;
      return broker?.env.find(({ name }) => name === "KAFKA_HEAP_OPTS")?.value;
    };
    /** What the Jobs that apply the topics' settings have said. */
    const topics = () => {
      const all = ["-l", "app.kubernetes.io/component=topics", "--tail=-1"];
      return stack().kubectl("logs", "-n", "kafka", ...all);
    };
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

    it("loses no acknowledged text while a changed setting rolls exactly the brokers, although its up is interrupted, and then killed", async () => {
      const before = await uids();
      // The plugin speaks once the engine has written down what it has begun.
      const begun = /StatefulSet kafka updating \(\d+s\).* replicas /;
      const roll = async () => {
        await stack().cutOff("SIGINT", begun, changed);
        await stack().cutOff("SIGKILL", begun, changed);
        await stack().ask("pulumi", "cancel", "--yes", "--stack", "dev");
        const { code, text } = await stack().makeUp(changed);
        assert.equal(code, 0, text);
        assert.match(text, /^the last update was cut off with \d+ operations under way/m);
      };
      const { acknowledged, lost } = await loads.during("rolling", 5000, 3, roll);
      await everyPodReady(stack());
      const { kafka = [], ...others } = await uids();
      const { kafka: old = [], ...same } = before;
      const kept = old.filter((uid) => kafka.includes(uid));
      assert.deepEqual({ kept, brokers: kafka.length }, { kept: [], brokers: 3 });
      assert.deepEqual(others, same);
      assert.equal(await heap(), "-Xms336m -Xmx336m");
      assert.ok(acknowledged.size >= 5000, `${acknowledged.size} acknowledged`);
      assert.equal(lost, 0);
    });

    it("finds nothing to do after that", async () => {
      assert.match(await stack().up(changed), /Resources:\n {4}\d+ unchanged\n/);
    });

    it("rolls a broken API out to nobody, says why, and rolls nothing for a topic's setting", async () => {
      const before = await uids();
      const copy = copyWith(broken);
      try {
        const settings = { ...changed, topicRetentionHours: 100 };
        const { code, text } = await stack().pulumi("up", settings, copy);
        assert.notEqual(code, 0, text);
        assert.match(text, /CrashLoopBackOff|exit code 1|exited with code 1/, text);
        assert.match(text, new RegExp(reason), text);
        assert.deepEqual(await uids(), before);
        const changes = /changed web-greetings: retention\.ms from 604800000 to 360000000/;
        assert.match(await topics(), changes);
      } finally {
        rmSync(copy, { recursive: true });
      }
    });

    it("takes the fix, and its own settings again", async () => {
      assert.equal(make("up").status, 0);
      await everyPodReady(stack());
      assert.equal(await heap(), "-Xms320m -Xmx320m");
      assert.match(await topics(), /retention\.ms from 360000000 to 604800000/);
    });
  });
}
