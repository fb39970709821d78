import {
  InitializationError,
  type PropertyMap,
  type ReadRequest,
  type ReadResult,
} from "../rpc/index.ts";
import { wishesOf } from "./annotations.ts";
import { podReasons } from "./await/pods.ts";
import { waitingFor } from "./await/table.ts";
import { refreshed } from "./differ.ts";
import { at, type JsonMap, text, withValue } from "./json.ts";
import {
  apiVersionOf,
  kindOfObject,
  parseId,
  resourceType,
  withoutServerFields,
} from "./objects.ts";
import type { Session } from "./session.ts";
import { fromState, redact, toJson, toProperties, toState } from "./state.ts";
import { surroundings } from "./surroundings.ts";

/**
 * Reads the live object, for a refresh, an import or a `get`. `undefined` where it is gone.
 * A refresh that finds it not ready throws an `InitializationError` with what it found.
 */
export async function readObject(
  request: ReadRequest,
  session: Session,
): Promise<ReadResult | undefined> {
  const { kind: declared } = resourceType(request.type);
  const old = fromState(request.oldState);
  const oldInputs = toJson(request.oldInputs);
  const known = text(oldInputs, "kind") !== "";
  const kind = known ? kindOfObject(oldInputs) : declared;
  const { namespace, name } = parseId(request.id);
  if (name === "") throw new Error(`id ${JSON.stringify(request.id)} names no object`);
  const place = (await session.isNamespaced(kind)) ? namespace || session.namespace : "";
  const live = await session.cluster.get({ kind, namespace: place, name });
  if (live === undefined) return undefined;
  const inputs = known ? refreshed(oldInputs, old.live, live) : inputsOf(live);
  const result = {
    id: request.id,
    state: toState(
      {
        inputs,
        live,
        fieldManager: old.fieldManager || wishesOf(inputs).fieldManager,
        initialApiVersion: old.initialApiVersion || apiVersionOf(kind),
      },
      request.oldInputs,
    ),
    inputs: toProperties(inputs, request.oldInputs),
  };
  if (known) await requireReady(result, oldInputs, live, session, request.oldInputs);
  return result;
}

const NOISE = [
  "deployment.kubernetes.io/revision",
  "kubectl.kubernetes.io/last-applied-configuration",
];

/** The inputs that would make an object as it is found. */
function inputsOf(live: JsonMap): JsonMap {
  const clean = withoutServerFields(withValue(live, ["status"], undefined));
  const quiet = NOISE.reduce<JsonMap>(
    (rest, name) => withValue(rest, ["metadata", "annotations", name], undefined),
    clean,
  );
  const annotations = at(quiet, "metadata", "annotations");
  return annotations !== undefined && Object.keys(annotations as JsonMap).length === 0
    ? withValue(quiet, ["metadata", "annotations"], undefined)
    : quiet;
}

async function requireReady(
  result: ReadResult,
  oldInputs: JsonMap,
  live: JsonMap,
  session: Session,
  from: PropertyMap,
): Promise<void> {
  const waiting = waitingFor(oldInputs, wishesOf(oldInputs));
  if (waiting === undefined) return;
  const around = surroundings(session.cluster, live);
  const verdict = await waiting.judge(live, around);
  if (verdict.state === "ready") return;
  const reasons = [verdict.message, ...(await podReasons(live, around))].map((reason) =>
    redact(reason, from),
  );
  throw new InitializationError(reasons.join("; "), { ...result, reasons });
}
