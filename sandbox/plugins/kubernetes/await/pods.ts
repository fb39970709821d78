import { at, count, isJsonMap, type Json, type JsonMap, list, text } from "../json.ts";
import { nameOf } from "../objects.ts";
import { condition, type Surroundings } from "./verdict.ts";

const MOST_PODS = 10;
const MOST_EVENTS = 3;
const NOT_READY = "is running but not ready";

/** The labels by which an object picks its pods, as a query; empty where it picks none. */
function podSelector(object: JsonMap): string {
  const kind = text(object, "kind");
  const labels =
    kind === "Service"
      ? at(object, "spec", "selector")
      : at(object, "spec", "selector", "matchLabels");
  if (!isJsonMap(labels)) return "";
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(",");
}

/**
 * Why the pods of an object are not ready, one line for each cause: what image cannot be pulled,
 * what container crashes and with which last words, what probe fails, why it is not scheduled.
 * Pods that only belong to an older revision of the object are left out.
 */
export async function podReasons(
  object: JsonMap,
  around: Surroundings,
): Promise<readonly string[]> {
  const pods = await podsOf(object, around);
  const lines: string[] = [];
  for (const pod of pods.slice(0, MOST_PODS)) {
    const own = reasonsOf(pod);
    const unready = text(condition(pod, "Ready"), "status") !== "True";
    // Which probe fails, or what volume is missing, only the events say.
    const silent = unready && own.every((reason) => reason.includes(NOT_READY));
    const told = silent ? [...own, ...(await events(pod, around))] : own;
    lines.push(...told.map((reason) => `Pod ${nameOf(pod)}: ${reason}`));
  }
  return [...new Set(lines)];
}

async function podsOf(object: JsonMap, around: Surroundings): Promise<readonly JsonMap[]> {
  if (text(object, "kind") === "Pod") return [object];
  const selector = podSelector(object);
  if (selector === "") return [];
  const pods = await around.list("v1", "Pod", `labelSelector=${encodeURIComponent(selector)}`);
  const unready = pods.filter((pod) => text(condition(pod, "Ready"), "status") !== "True");
  const newest = text(object, "status", "updateRevision");
  const current = unready.filter(
    (pod) =>
      newest === "" || text(pod, "metadata", "labels", "controller-revision-hash") === newest,
  );
  return current.length > 0 ? current : unready;
}

/** What the status of one pod says about why it is not ready. */
export function reasonsOf(pod: JsonMap): readonly string[] {
  const scheduled = condition(pod, "PodScheduled");
  if (text(scheduled, "status") === "False") {
    return [`${text(scheduled, "reason")}: ${text(scheduled, "message")}`];
  }
  const statuses = [
    ...list(pod, "status", "initContainerStatuses"),
    ...list(pod, "status", "containerStatuses"),
  ];
  return statuses.map(containerReason).filter((one) => one !== "");
}

// What a container goes through on its way up.
const USUAL: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing"]);

function containerReason(status: Json): string {
  const name = text(status, "name");
  const reason = text(status, "state", "waiting", "reason");
  const last = lastWords(
    at(status, "state", "terminated") ?? at(status, "lastState", "terminated"),
  );
  if (!USUAL.has(reason)) {
    const message = text(status, "state", "waiting", "message");
    return [`container ${name} is waiting: ${reason}`, message, last].filter(Boolean).join(": ");
  }
  if (at(status, "state", "terminated") !== undefined && last !== "") {
    return `container ${name} has ended: ${last}`;
  }
  if (at(status, "state", "running") !== undefined && at(status, "ready") !== true) {
    return `container ${name} ${NOT_READY}${last === "" ? "" : `: before, ${last}`}`;
  }
  return "";
}

function lastWords(terminated: Json | undefined): string {
  const code = count(terminated, 0, "exitCode");
  if (terminated === undefined || (code === 0 && text(terminated, "reason") === "Completed"))
    return "";
  const said = text(terminated, "message").trim();
  return `${text(terminated, "reason") || "Error"} (exit code ${code})${said === "" ? "" : `: ${said}`}`;
}

async function events(pod: JsonMap, around: Surroundings): Promise<readonly string[]> {
  const selector = `involvedObject.uid=${text(pod, "metadata", "uid")},type=Warning`;
  const found = await around.list("v1", "Event", `fieldSelector=${encodeURIComponent(selector)}`);
  return found
    .slice(-MOST_EVENTS)
    .map((event) => `${text(event, "reason")}: ${text(event, "message")}`);
}
