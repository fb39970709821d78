import type { DeleteRequest } from "../rpc/index.ts";
import { wishesOf } from "./annotations.ts";
import { pause } from "./await/wait.ts";
import { type Cluster, type Reference, referenceTo } from "./cluster.ts";
import { type JsonMap, list, text } from "./json.ts";
import { idOf, parseId, resourceType } from "./objects.ts";
import type { Session } from "./session.ts";
import { fromState } from "./state.ts";

const TEN_MINUTES = 600;

/** Deletes an object and waits until it is gone; a patch only lets go of the fields it owns. */
export async function removeObject(
  request: DeleteRequest,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, engine } = session;
  const { inputs, live, fieldManager } = fromState(request.oldState);
  const reference = { ...referenceTo(live), name: parseId(request.id).name };
  const before = await cluster.get(reference);
  if (before === undefined) return;
  if (resourceType(request.type).patch) {
    const metadata = {
      name: reference.name,
      ...(reference.namespace ? { namespace: reference.namespace } : {}),
    };
    const nothing = { apiVersion: text(live, "apiVersion"), kind: text(live, "kind"), metadata };
    await cluster.apply(nothing, { fieldManager, force: false, dryRun: false });
    return;
  }
  const uid = text(before, "metadata", "uid");
  // Another object of the same name, made since, is none of ours.
  if (text(live, "metadata", "uid") !== "" && text(live, "metadata", "uid") !== uid) return;
  const wishes = wishesOf(inputs);
  await cluster.delete(reference, {
    propagationPolicy: wishes.propagation,
    preconditions: { uid },
  });
  if (wishes.skipAwait) return;
  const left = await untilGone(cluster, reference, uid, {
    signal,
    timeout: request.timeout || wishes.timeout || TEN_MINUTES,
    say: (message) => engine.status(message, request.urn),
  });
  if (left !== undefined) throw new Error(left);
}

interface Patience {
  readonly signal: AbortSignal;
  /** Seconds. */
  readonly timeout: number;
  readonly say: (message: string) => void;
}

/** Waits until the object is gone; returns why it is not, `undefined` when it is. */
async function untilGone(
  cluster: Cluster,
  reference: Reference,
  uid: string,
  patience: Patience,
): Promise<string | undefined> {
  const start = Date.now();
  let told = "";
  for (let step = 0; ; step++) {
    const object = await cluster.get(reference);
    if (object === undefined || text(object, "metadata", "uid") !== uid) return undefined;
    const message = `${text(object, "kind")} ${idOf(object)} still exists${holders(object)}`;
    if (patience.signal.aborted) return `cancelled: ${message}`;
    if (Date.now() - start > patience.timeout * 1000) {
      return `timed out after ${patience.timeout} s: ${message}`;
    }
    if (message !== told) patience.say(message);
    told = message;
    await pause(step, patience.signal);
  }
}

function holders(object: JsonMap): string {
  const names = [...list(object, "metadata", "finalizers"), ...list(object, "spec", "finalizers")];
  const why = list(object, "status", "conditions")
    .filter((one) => text(one, "status") === "True" && text(one, "type").startsWith("Namespace"))
    .map((one) => text(one, "message"));
  const held = names.length > 0 ? `, held by ${names.join(", ")}` : "";
  return why.length > 0 ? `${held} (${why.join("; ")})` : held;
}
