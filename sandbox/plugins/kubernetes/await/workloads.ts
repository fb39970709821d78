import { at, count, type JsonMap, text } from "../json.ts";
import { condition, failed, holds, observed, READY, type Verdict, waiting } from "./verdict.ts";

const UNSEEN = waiting("waiting for the controller to see the change");

/** Rolled out when every replica is of the new template and available, and no old one is left. */
export function deployment(object: JsonMap): Verdict {
  if (!observed(object)) return UNSEEN;
  const progressing = condition(object, "Progressing");
  if (text(progressing, "reason") === "ProgressDeadlineExceeded") {
    return failed(text(progressing, "message") || "the rollout exceeded its progress deadline");
  }
  if (at(object, "spec", "paused") === true) return READY;
  const wanted = count(object, 1, "spec", "replicas");
  const updated = count(object, 0, "status", "updatedReplicas");
  const available = count(object, 0, "status", "availableReplicas");
  const all = count(object, 0, "status", "replicas");
  if (updated < wanted) return waiting(`${updated} of ${wanted} new replicas have been updated`);
  if (all > updated) return waiting(`${all - updated} old replicas are pending termination`);
  if (available < updated) return waiting(`${available} of ${updated} replicas are available`);
  if (!holds(object, "Available")) return waiting("waiting for the condition Available");
  return READY;
}

/** Rolled out when every replica above the partition is of the new revision and all are ready. */
export function statefulSet(object: JsonMap): Verdict {
  if (!observed(object)) return UNSEEN;
  const wanted = count(object, 1, "spec", "replicas");
  const updated = count(object, 0, "status", "updatedReplicas");
  const ready = Math.min(
    count(object, 0, "status", "readyReplicas"),
    count(object, 0, "status", "availableReplicas"),
  );
  if (text(object, "spec", "updateStrategy", "type") !== "OnDelete") {
    const partition = count(object, 0, "spec", "updateStrategy", "rollingUpdate", "partition");
    const due = Math.max(0, wanted - partition);
    if (updated < due) return waiting(`${updated} of ${due} replicas have been updated`);
    const current = text(object, "status", "currentRevision");
    if (partition === 0 && current !== text(object, "status", "updateRevision")) {
      return waiting(`${updated} of ${due} replicas have been updated`);
    }
  }
  if (count(object, 0, "status", "replicas") !== wanted) {
    return waiting(`${count(object, 0, "status", "replicas")} of ${wanted} replicas exist`);
  }
  return ready < wanted ? waiting(`${ready} of ${wanted} replicas are ready`) : READY;
}

/** Rolled out when every node that wants a pod has one of the new template, and it is available. */
export function daemonSet(object: JsonMap): Verdict {
  if (!observed(object)) return UNSEEN;
  const wanted = count(object, 0, "status", "desiredNumberScheduled");
  const updated = count(object, 0, "status", "updatedNumberScheduled");
  const available = count(object, 0, "status", "numberAvailable");
  const onDelete = text(object, "spec", "updateStrategy", "type") === "OnDelete";
  if (!onDelete && updated < wanted) return waiting(`${updated} of ${wanted} pods are updated`);
  return available < wanted ? waiting(`${available} of ${wanted} pods are available`) : READY;
}

/** Done when complete; a suspended Job is waited for by nobody. */
export function job(object: JsonMap): Verdict {
  if (at(object, "spec", "suspend") === true || holds(object, "Complete")) return READY;
  const failure = condition(object, "Failed");
  if (text(failure, "status") === "True") {
    return failed(`the Job failed: ${text(failure, "reason")}: ${text(failure, "message")}`);
  }
  const wanted = count(object, 1, "spec", "completions");
  return waiting(`${count(object, 0, "status", "succeeded")} of ${wanted} pods have succeeded`);
}

/** Ready when its Ready condition says so or when all its containers ended well. */
export function pod(object: JsonMap): Verdict {
  const phase = text(object, "status", "phase");
  if (phase === "Succeeded" || holds(object, "Ready")) return READY;
  if (phase === "Failed") return failed(`the Pod failed: ${text(object, "status", "reason")}`);
  return waiting(text(condition(object, "Ready"), "message") || `the Pod is ${phase || "new"}`);
}
