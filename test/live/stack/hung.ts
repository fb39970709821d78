import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "../../until.ts";
import { Catalog } from "./catalog.ts";
import { isReady, type Stack } from "./fixture.ts";

/** Seconds within which Consul reaps a hidden entry: after a minute it looks every half one. */
const REAPED = 60 + 30 + 5;

/** The processes of a pod of ours, which all have its name in their environment. */
function processesOf(pod: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`POD_NAME=${pod}`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

/** Two suites. */
interface Hung {
  readonly isLost: () => void;
  readonly isForgotten: () => void;
}

/**
 * What becomes of a pod that ends without a word. It is forgotten after more than a minute: what
 * runs between the two suites runs meanwhile. It may do anything but replace the node's agent,
 * which does the forgetting.
 */
export function hungPod(stack: () => Stack): Hung {
  /** Seconds from the pod's end until Consul has no entry of it. */
  let forgotten: Promise<number> | undefined;

  const isLost = () =>
    describe("discovery of a pod that hung", () => {
      it("has lost it within 11 s of being taken away", async () => {
        const catalog = await Catalog.open(stack());
        const pod = (await stack().pods("api")).find(isReady);
        assert.ok(pod);
        const { name } = pod.metadata;
        // It neither deregisters nor answers any more.
        const pids = processesOf(name);
        assert.equal(pids.length, 1);
        for (const pid of pids) process.kill(pid, "SIGSTOP");
        const begin = Date.now();
        const seconds = () => (Date.now() - begin) / 1000;
        const isThere = async (all: boolean) => (await catalog.found("api", all)).includes(name);
        const now = ["--force", "--grace-period=0", "--wait=false"];
        await stack().kubectl("delete", "pod", "-n", "greetings", name, ...now);
        await until("it is not found", 30, async () => !(await isThere(false)));
        const hidden = seconds();
        assert.ok(await isThere(true), "it is still in the catalog");
        forgotten = until("it is forgotten", 150, async () => !(await isThere(true))).then(seconds);
        // Who waits for it comes later; until then nobody minds how it ends.
        forgotten.catch(() => undefined);
        console.log(`      not found ${hidden.toFixed(1)} s after`);
        assert.ok(hidden <= 11, `${hidden} s`);
        await catalog.settled("api", 60);
      });
    });

  const isForgotten = () =>
    describe("discovery of the pod that hung, later", () => {
      it("has forgotten it in time", async () => {
        assert.ok(forgotten, "no pod hung before");
        const seconds = await forgotten;
        console.log(`      forgotten ${seconds.toFixed(1)} s after`);
        assert.ok(seconds <= 11 + REAPED, `${seconds} s`);
      });
    });

  return { isLost, isForgotten };
}
