import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type Client, isNotFound, type Resource, resourcesByKind } from "./client.ts";
import { isJsonMap, type JsonMap, list, withValue } from "./json.ts";
import { apiVersionOf, type Kind, kindOfObject, nameOf, namespaceOf } from "./objects.ts";
import type { Owners } from "./ownership.ts";

/** The API server does not know the kind of an object. */
export class NoKindError extends Error {}

/** Which object is meant. */
export interface Reference {
  readonly kind: Kind;
  /** Empty for objects that lie in no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** How a server-side apply is to be done. */
export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

type Kinds = ReadonlyMap<string, Resource>;

// What just has been created (a CRD, a namespace) may take a moment to be known everywhere.
const SETTLE_MS = 15_000;
const SETTLE_STEP_MS = 250;

/** The operations on a cluster's objects, by kind and name. */
export class Cluster {
  readonly #client: Client;
  readonly #discovered = new Map<string, Promise<Kinds>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Asks the API server for its version. Throws `UnreachableError`, or what it answers. */
  async version(): Promise<JsonMap> {
    return this.#client.send({ method: "GET", path: "/version" });
  }

  /** How the API server calls a kind. Throws `NoKindError` where it has none of that name. */
  async resource(kind: Kind): Promise<Resource> {
    const apiVersion = apiVersionOf(kind);
    const found = (await this.#kinds(apiVersion)).get(kind.kind);
    if (found !== undefined) return found;
    this.#discovered.delete(apiVersion);
    const again = (await this.#kinds(apiVersion)).get(kind.kind);
    if (again !== undefined) return again;
    throw new NoKindError(
      `the API server knows no kind ${kind.kind} in version ${apiVersion}; ` +
        "verify that any required CRDs have been created",
    );
  }

  #kinds(apiVersion: string): Promise<Kinds> {
    const cached = this.#discovered.get(apiVersion);
    if (cached !== undefined) return cached;
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const asked = this.#client.send({ method: "GET", path }).then(resourcesByKind, (error) => {
      this.#discovered.delete(apiVersion);
      if (isNotFound(error)) return new Map<string, Resource>();
      throw error;
    });
    this.#discovered.set(apiVersion, asked);
    return asked;
  }

  async #path({ kind, namespace, name }: Reference): Promise<string> {
    const { plural, namespaced } = await this.resource(kind);
    const apiVersion = apiVersionOf(kind);
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const inside = namespaced ? `/namespaces/${encodeURIComponent(namespace || "default")}` : "";
    return `${root}${inside}/${plural}${name === "" ? "" : `/${encodeURIComponent(name)}`}`;
  }

  /** Reads an object; `undefined` where it or its kind is not there. */
  async get(reference: Reference): Promise<JsonMap | undefined> {
    try {
      return await this.#client.send({ method: "GET", path: await this.#path(reference) });
    } catch (error) {
      if (isNotFound(error) || error instanceof NoKindError) return undefined;
      throw error;
    }
  }

  /** Lists the objects of a kind in a namespace; `selector` is a query as `labelSelector=a%3Db`. */
  async list(kind: Kind, namespace: string, selector: string): Promise<readonly JsonMap[]> {
    const path = await this.#path({ kind, namespace, name: "" });
    const answer = await this.#client.send({ method: "GET", path: `${path}?${selector}` });
    return list(answer, "items").filter(isJsonMap);
  }

  /** Applies an object by server-side apply, with unknown fields refused. */
  async apply(object: JsonMap, options: ApplyOptions): Promise<JsonMap> {
    const query = new URLSearchParams({
      fieldManager: options.fieldManager,
      force: String(options.force),
      fieldValidation: "Strict",
      ...(options.dryRun ? { dryRun: "All" } : {}),
    });
    return this.#client.send({
      method: "PATCH",
      path: `${await this.#path(referenceTo(object))}?${query}`,
      body: object,
      contentType: "application/apply-patch+yaml",
    });
  }

  /** Puts an object in place of the one whose resource version it names. */
  async replace(object: JsonMap, options: ApplyOptions): Promise<JsonMap> {
    const query = new URLSearchParams({
      fieldManager: options.fieldManager,
      fieldValidation: "Strict",
      ...(options.dryRun ? { dryRun: "All" } : {}),
    });
    const path = `${await this.#path(referenceTo(object))}?${query}`;
    return this.#client.send({ method: "PUT", path, body: object });
  }

  /** Rewrites who owns which field of an object. */
  async setOwners(reference: Reference, owners: Owners): Promise<void> {
    const replace = (field: keyof Owners): JsonMap => ({
      op: "replace",
      path: `/metadata/${field}`,
      value: owners[field],
    });
    await this.#client.send({
      method: "PATCH",
      path: await this.#path(reference),
      body: [replace("managedFields"), replace("resourceVersion")],
      contentType: "application/json-patch+json",
    });
  }

  /** Asks for an object's deletion; nothing happens where it is gone already. */
  async delete(reference: Reference, options: JsonMap): Promise<void> {
    try {
      await this.#client.send({
        method: "DELETE",
        path: await this.#path(reference),
        body: withValue(options, ["kind"], "DeleteOptions"),
      });
    } catch (error) {
      if (!isNotFound(error) && !(error instanceof NoKindError)) throw error;
    }
  }

  /**
   * Repeats `work` for a while as long as it fails for want of a namespace or a kind that may be
   * on its way.
   */
  async settled<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const passing = isNotFound(error) || error instanceof NoKindError;
        if (!passing || signal.aborted || Date.now() > deadline) throw error;
        await sleep(SETTLE_STEP_MS);
      }
    }
  }
}

/** The reference to an object as it names itself. */
export function referenceTo(object: JsonMap): Reference {
  return { kind: kindOfObject(object), namespace: namespaceOf(object), name: nameOf(object) };
}

/** Whether an apply failed because the object's namespace is not there. */
export function isMissingNamespace(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404 && error.about === "namespaces";
}

/** Whether an apply failed because somebody else owns a field. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409;
}
