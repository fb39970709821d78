import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { unplugAll } from "../../../sandbox/network.ts";
import { createRun } from "../../../sandbox/run.ts";
import { until } from "../../until.ts";

const BRIDGE = "wgtrial0";

describe("network devices of pods", () => {
  it("go though something still holds a pod's network", async function () {
    if (process.getuid?.() !== 0) {
      console.log("      skipped: only root makes network devices");
      this.skip();
    }
    const run = createRun();
    const plugged = () => readdirSync(`/sys/class/net/${BRIDGE}/brif`);
    const own = readlinkSync("/proc/self/ns/net");
    const holder = spawn("unshare", ["--net", "sleep", "60"], { stdio: "ignore" });
    try {
      await run("ip", ["link", "add", BRIDGE, "type", "bridge"]);
      await until("there is another network", 10, () => {
        return readlinkSync(`/proc/${holder.pid}/ns/net`) !== own;
      });
      const peer = ["peer", "name", "eth0", "netns", `${holder.pid}`];
      await run("ip", ["link", "add", "wgtrial1", "type", "veth", ...peer]);
      await run("ip", ["link", "set", "wgtrial1", "master", BRIDGE]);
      assert.deepEqual(plugged(), ["wgtrial1"]);
      await unplugAll(BRIDGE, run);
      assert.deepEqual(plugged(), []);
    } finally {
      holder.kill("SIGKILL");
      await run("ip", ["link", "delete", BRIDGE]);
    }
  });
});
