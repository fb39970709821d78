import assert from "node:assert/strict";
import type { Verdict } from "../../../../../sandbox/plugins/kubernetes/await/verdict.ts";
import {
  daemonSet,
  deployment,
  job,
  pod,
  statefulSet,
} from "../../../../../sandbox/plugins/kubernetes/await/workloads.ts";
import type { JsonMap } from "../../../../../sandbox/plugins/kubernetes/json.ts";

function object(spec: JsonMap, status: JsonMap): JsonMap {
  return { metadata: { generation: 2 }, spec, status: { observedGeneration: 2, ...status } };
}

function conditions(...list: readonly (readonly [string, string, string?, string?])[]): JsonMap {
  return {
    conditions: list.map(([type, status, reason = "", message = ""]) => ({
      type,
      status,
      reason,
      message,
    })),
  };
}

const say = (verdict: Verdict): string =>
  verdict.state === "ready" ? "ready" : `${verdict.state}: ${verdict.message}`;

describe("rollout of a Deployment", () => {
  const available = conditions(["Available", "True"]);
  const cases: readonly [string, JsonMap, string][] = [
    [
      "an old observation",
      { observedGeneration: 1 },
      "waiting: waiting for the controller to see the change",
    ],
    [
      "too few new replicas",
      { updatedReplicas: 1 },
      "waiting: 1 of 2 new replicas have been updated",
    ],
    [
      "old replicas left",
      { updatedReplicas: 2, replicas: 3 },
      "waiting: 1 old replicas are pending termination",
    ],
    [
      "unavailable ones",
      { updatedReplicas: 2, replicas: 2, availableReplicas: 1 },
      "waiting: 1 of 2 replicas are available",
    ],
    [
      "all available",
      { updatedReplicas: 2, replicas: 2, availableReplicas: 2, ...available },
      "ready",
    ],
    [
      "no condition yet",
      { updatedReplicas: 2, replicas: 2, availableReplicas: 2 },
      "waiting: waiting for the condition Available",
    ],
    [
      "its deadline exceeded",
      conditions(["Progressing", "False", "ProgressDeadlineExceeded", "too late"]),
      "failed: too late",
    ],
  ];
  for (const [name, status, expected] of cases) {
    it(`with ${name}: ${expected}`, () => {
      assert.equal(say(deployment(object({ replicas: 2 }, status))), expected);
    });
  }

  it("of none at all is ready", () => {
    assert.equal(say(deployment(object({ replicas: 0 }, available))), "ready");
  });
});

describe("rollout of a StatefulSet", () => {
  const full = { replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 };
  const same = { currentRevision: "b", updateRevision: "b" };
  const cases: readonly [string, JsonMap, JsonMap, string][] = [
    ["all of one revision", {}, { ...full, ...same }, "ready"],
    [
      "an unready replica",
      {},
      { ...full, ...same, readyReplicas: 1 },
      "waiting: 1 of 2 replicas are ready",
    ],
    ["a replica short", {}, { ...full, ...same, replicas: 1 }, "waiting: 1 of 2 replicas exist"],
    [
      "one to update",
      {},
      { ...full, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
      "waiting: 1 of 2 replicas have been updated",
    ],
    [
      "the revision not settled",
      {},
      { ...full, currentRevision: "a", updateRevision: "b" },
      "waiting: 2 of 2 replicas have been updated",
    ],
    [
      "a partition",
      { updateStrategy: { rollingUpdate: { partition: 1 } } },
      { ...full, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
      "ready",
    ],
    [
      "update on deletion",
      { updateStrategy: { type: "OnDelete" } },
      { ...full, updatedReplicas: 0, currentRevision: "a", updateRevision: "b" },
      "ready",
    ],
  ];
  for (const [name, spec, status, expected] of cases) {
    it(`with ${name}: ${expected}`, () => {
      assert.equal(say(statefulSet(object({ replicas: 2, ...spec }, status))), expected);
    });
  }
});

describe("other workloads", () => {
  it("a DaemonSet is ready with an available pod of the new template on each node", () => {
    const status = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
    assert.equal(say(daemonSet(object({}, status))), "ready");
    assert.equal(
      say(daemonSet(object({}, { ...status, updatedNumberScheduled: 1 }))),
      "waiting: 1 of 2 pods are updated",
    );
    assert.equal(
      say(daemonSet(object({}, { ...status, numberAvailable: 0 }))),
      "waiting: 0 of 2 pods are available",
    );
  });

  it("a Job is ready when complete or suspended, and failed when it says so", () => {
    assert.equal(say(job(object({}, conditions(["Complete", "True"])))), "ready");
    assert.equal(say(job(object({ suspend: true }, {}))), "ready");
    assert.equal(
      say(job(object({ completions: 3 }, { succeeded: 1 }))),
      "waiting: 1 of 3 pods have succeeded",
    );
    const failed = conditions(["Failed", "True", "BackoffLimitExceeded", "too often"]);
    assert.equal(
      say(job(object({}, failed))),
      "failed: the Job failed: BackoffLimitExceeded: too often",
    );
  });

  it("a Pod is ready by its condition or its end", () => {
    assert.equal(say(pod(object({}, conditions(["Ready", "True"])))), "ready");
    assert.equal(say(pod(object({}, { phase: "Succeeded" }))), "ready");
    assert.equal(
      say(pod(object({}, { phase: "Failed", reason: "Evicted" }))),
      "failed: the Pod failed: Evicted",
    );
    assert.equal(say(pod(object({}, { phase: "Pending" }))), "waiting: the Pod is Pending");
  });
});
