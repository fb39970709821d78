import { randomBytes } from "node:crypto";
import {
  InitializationError,
  type PropertyMap,
  type ResourceIdentity,
  type UpdateRequest,
} from "../rpc/index.ts";
import { type Wishes, wishesOf } from "./annotations.ts";
import { waitingFor } from "./await/table.ts";
import { waitUntilReady } from "./await/wait.ts";
import { ApiError } from "./client.ts";
import { isConflict, isMissingNamespace, referenceTo } from "./cluster.ts";
import { type JsonMap, text, withValue } from "./json.ts";
import { idOf, resourceType } from "./objects.ts";
import { keepIgnored, withTakenOver } from "./ownership.ts";
import type { Session } from "./session.ts";
import { fromState, redact, toJson, toState } from "./state.ts";
import { surroundings } from "./surroundings.ts";

/** What comes to be of an object: creation, update and the wait for either. */
export class Operations {
  readonly #session: Session;
  readonly #resource: ResourceIdentity;
  readonly #signal: AbortSignal;

  constructor(session: Session, resource: ResourceIdentity, signal: AbortSignal) {
    this.#session = session;
    this.#resource = resource;
    this.#signal = signal;
  }

  /** What the API server would make of the inputs, or these where it cannot tell yet. */
  async previewCreate(object: JsonMap, inputs: PropertyMap): Promise<PropertyMap> {
    const fieldManager = wishesOf(object).fieldManager || newFieldManager();
    try {
      if ((await this.#session.cluster.get(referenceTo(object))) !== undefined) return inputs;
      const options = { fieldManager, force: true, dryRun: true };
      const live = await this.#session.cluster.apply(object, options);
      return this.#state(object, withoutPlanned(live), fieldManager, inputs);
    } catch (error) {
      const forbidden = error instanceof ApiError && error.code === 403;
      if (forbidden || isMissingNamespace(error)) return inputs;
      throw this.#explain(error, inputs, "cannot be created");
    }
  }

  /** Creates an object and waits until it is ready. */
  async create(
    object: JsonMap,
    inputs: PropertyMap,
    patch: boolean,
    timeout: number,
  ): Promise<PropertyMap> {
    const { cluster, settings } = this.#session;
    const wishes = wishesOf(object);
    const fieldManager = wishes.fieldManager || newFieldManager();
    const options = {
      fieldManager,
      force: wishes.force || settings.enablePatchForce,
      dryRun: false,
    };
    let live: JsonMap;
    try {
      if (!patch && !settings.upsertExistingObjects && (await cluster.get(referenceTo(object)))) {
        throw new Error(
          `${text(object, "kind")} ${idOf(object)} already exists; import it, or delete it first`,
        );
      }
      live = await cluster.settled(() => cluster.apply(object, options), this.#signal);
    } catch (error) {
      throw this.#explain(error, inputs, "was not created");
    }
    return this.#finish(object, live, fieldManager, inputs, patch ? 0 : timeout, wishes);
  }

  /** Brings an object up to its new inputs and waits until it is ready again. */
  async update(request: UpdateRequest): Promise<PropertyMap> {
    const { cluster, settings } = this.#session;
    const old = fromState(request.oldState);
    const { patch } = resourceType(request.type);
    const object = toJson(request.inputs);
    const wishes = wishesOf(object);
    const fieldManager = wishes.fieldManager || old.fieldManager || newFieldManager();
    const options = {
      fieldManager,
      force: request.preview || wishes.force || settings.enablePatchForce,
      dryRun: request.preview,
    };
    let live: JsonMap;
    try {
      const before = await cluster.get(referenceTo(object));
      if (before === undefined) {
        throw new Error(`${text(object, "kind")} ${idOf(object)} is gone; run pulumi refresh`);
      }
      const wanted = keepIgnored(object, before, fieldManager, request.ignoreChanges);
      const taken = patch || request.preview ? undefined : withTakenOver(before, fieldManager);
      if (taken !== undefined) await cluster.setOwners(referenceTo(object), taken);
      live =
        text(object, "kind") === "CustomResourceDefinition" && !patch
          ? await cluster.replace(versioned(wanted, before), options)
          : await cluster.apply(wanted, options);
    } catch (error) {
      throw this.#explain(error, request.inputs, "was not updated");
    }
    if (request.preview) {
      return this.#state(object, withoutPlanned(live), fieldManager, request.inputs);
    }
    return this.#finish(object, live, fieldManager, request.inputs, request.timeout, wishes);
  }

  async #finish(
    object: JsonMap,
    live: JsonMap,
    fieldManager: string,
    inputs: PropertyMap,
    timeout: number,
    wishes: Wishes,
  ): Promise<PropertyMap> {
    const { patch } = resourceType(this.#resource.type);
    const waiting = patch ? undefined : waitingFor(object, wishes);
    if (waiting === undefined) return this.#state(object, live, fieldManager, inputs);
    const { cluster, engine } = this.#session;
    const outcome = await waitUntilReady(live, waiting, {
      read: () => cluster.get(referenceTo(live)),
      around: surroundings(cluster, live),
      say: (message) => engine.status(redact(message, inputs), this.#resource.urn),
      signal: this.#signal,
      timeout: timeout || wishes.timeout || waiting.timeout,
    });
    const state = this.#state(object, outcome.object, fieldManager, inputs);
    if (outcome.reasons.length === 0) return state;
    const reasons = outcome.reasons.map((reason) => redact(reason, inputs));
    throw new InitializationError(
      `${text(object, "kind")} ${idOf(object)} exists but did not become ready: ${reasons.join("; ")}`,
      { id: idOf(object), state, reasons },
    );
  }

  #state(object: JsonMap, live: JsonMap, fieldManager: string, inputs: PropertyMap): PropertyMap {
    const initialApiVersion = text(object, "apiVersion");
    return toState({ inputs: object, live, fieldManager, initialApiVersion }, inputs);
  }

  #explain(error: unknown, inputs: PropertyMap, what: string): Error {
    const message = error instanceof Error ? error.message : String(error);
    const help = isConflict(error)
      ? "; another field manager owns the field: leave it out, use ignoreChanges, or set the " +
        'annotation pulumi.com/patchForce: "true"'
      : "";
    return new Error(`resource ${this.#resource.name} ${what}: ${redact(message, inputs)}${help}`);
  }
}

function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}

/** The result of a dry run without what only a real run settles. */
function withoutPlanned(live: JsonMap): JsonMap {
  return ["uid", "resourceVersion", "creationTimestamp", "generation"].reduce<JsonMap>(
    (rest, field) => withValue(rest, ["metadata", field], undefined),
    withValue(live, ["status"], undefined),
  );
}

function versioned(object: JsonMap, before: JsonMap): JsonMap {
  return withValue(
    object,
    ["metadata", "resourceVersion"],
    text(before, "metadata", "resourceVersion"),
  );
}
