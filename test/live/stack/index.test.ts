import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { clusterOf, root } from "../../../sandbox/make/session.ts";
import { availability } from "./availability.ts";
import { changes } from "./changes.ts";
import { connections } from "./connections.ts";
import { consul } from "./consul.ts";
import { strangers } from "./consulStranger.ts";
import { contract } from "./contract.ts";
import { discovery } from "./discovery.ts";
import { edge } from "./edge.ts";
import { Stack } from "./fixture.ts";
import { grafana } from "./grafana.ts";
import { hungPod } from "./hung.ts";
import { monitoring } from "./monitoring.ts";
import { removal } from "./removal.ts";
import { runbooks } from "./runbooks.ts";

/** `make <target>` as a person types it. */
function make(...args: string[]) {
  const stdio = ["ignore", "pipe", "inherit"] as const;
  return spawnSync("make", ["--silent", ...args], {
    cwd: root,
    stdio: [...stdio],
    encoding: "utf8",
  });
}

// One stack, in the order of its life: it is up for all tests but the last, which take it down.
describe("the dev stack on the sandbox", function () {
  this.timeout(900_000);
  let stack: Stack | undefined;
  const get = () => {
    assert.ok(stack, "the stack did not come up");
    return stack;
  };

  before(function () {
    if (clusterOf("dev") !== "sandbox") {
      console.log("      skipped: the dev stack's own context is in the kubeconfig; not touched");
      this.skip();
    }
    if (process.getuid?.() !== 0) {
      console.log("      skipped: the sandbox needs root");
      this.skip();
    }
    const { status, stdout } = make("up");
    assert.equal(status, 0, "make up");
    assert.match(stdout, /^not in the sandbox: grafana, /m);
    stack = new Stack();
  });

  contract(get, make);
  connections(get);
  monitoring(get);
  grafana(get);
  availability(get);
  changes(get, make);
  runbooks(get);
  discovery(get);
  const hung = hungPod(get);
  hung.isLost();
  edge(get);
  hung.isForgotten();
  strangers(get);
  consul(get);
  removal(get, make);
});
