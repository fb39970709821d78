import assert from "node:assert/strict";
import { reasonsOf } from "../../../../../sandbox/plugins/kubernetes/await/pods.ts";
import type { Json, JsonMap } from "../../../../../sandbox/plugins/kubernetes/json.ts";

function pod(...containerStatuses: readonly Json[]): JsonMap {
  return { metadata: { name: "web-0" }, status: { containerStatuses } };
}

describe("why a pod is not ready", () => {
  it("names the image that cannot be pulled", () => {
    const waiting = { reason: "ImagePullBackOff", message: "absent:1: not found" };
    assert.deepEqual(reasonsOf(pod({ name: "web", state: { waiting } })), [
      "container web is waiting: ImagePullBackOff: absent:1: not found",
    ]);
  });

  it("repeats the last words of a container that crashes", () => {
    const status = {
      name: "web",
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
      lastState: { terminated: { exitCode: 3, reason: "Error", message: "out of cheese\n" } },
    };
    assert.deepEqual(reasonsOf(pod(status)), [
      "container web is waiting: CrashLoopBackOff: back-off 10s: Error (exit code 3): out of cheese",
    ]);
  });

  it("tells of a container that runs but is not ready, and of none that is well", () => {
    const running = { running: { startedAt: "now" } };
    assert.deepEqual(
      reasonsOf(
        pod(
          { name: "web", state: running, ready: false },
          { name: "sidecar", state: running, ready: true },
          { name: "new", state: { waiting: { reason: "ContainerCreating" } } },
        ),
      ),
      ["container web is running but not ready"],
    );
  });

  it("says why it was not scheduled", () => {
    const scheduled = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1 nodes are available",
    };
    assert.deepEqual(reasonsOf({ status: { conditions: [scheduled] } }), [
      "Unschedulable: 0/1 nodes are available",
    ]);
  });

  it("overlooks init containers that ended well", () => {
    const done = { name: "init", state: { terminated: { exitCode: 0, reason: "Completed" } } };
    assert.deepEqual(reasonsOf({ status: { initContainerStatuses: [done] } }), []);
  });
});
