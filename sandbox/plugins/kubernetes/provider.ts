import {
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type Engine,
  hasUnknown,
  type PropertyMap,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../rpc/index.ts";
import { checkInputs } from "./check.ts";
import { diffObjects } from "./diff.ts";
import { checkConfig, diffConfig } from "./identity.ts";
import { idOf, resourceType } from "./objects.ts";
import { Operations } from "./operations.ts";
import { readObject } from "./read.ts";
import { removeObject } from "./remove.ts";
import { Session } from "./session.ts";
import { readSettings } from "./settings.ts";
import { toJson } from "./state.ts";

/** The resource provider for objects of a Kubernetes cluster. */
export class KubernetesProvider implements Provider {
  readonly #engine: Engine;
  #session: Session | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get #ready(): Session {
    if (this.#session === undefined) throw new Error("the provider has not been configured");
    return this.#session;
  }

  async checkConfig(request: CheckRequest): Promise<CheckResult> {
    return checkConfig(request);
  }

  async diffConfig(request: DiffRequest): Promise<DiffResult> {
    return diffConfig(request);
  }

  async configure(config: PropertyMap): Promise<void> {
    this.#session = await Session.open(readSettings(config), this.#engine);
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const { settings, reachable } = this.#ready;
    if (!reachable && settings.skipUpdateUnreachable) {
      this.#engine.log("warning", "cluster is unreachable, the update is skipped", request.urn);
      return { inputs: request.oldInputs, failures: [] };
    }
    return checkInputs(request, this.#ready);
  }

  async diff(request: DiffRequest): Promise<DiffResult> {
    return diffObjects(request, this.#ready);
  }

  async create(request: CreateRequest, signal: AbortSignal): Promise<CreateResult> {
    const object = toJson(request.inputs);
    if (request.preview && !(await this.#canPreview(request.inputs))) {
      return { id: "", state: request.inputs };
    }
    this.#ready.requireReachable();
    const operations = new Operations(this.#ready, request, signal);
    const { patch } = resourceType(request.type);
    if (request.preview) {
      if (patch) return { id: "", state: request.inputs };
      return { id: "", state: await operations.previewCreate(object, request.inputs) };
    }
    const live = await operations.create(object, request.inputs, patch, request.timeout);
    return { id: idOf(object), state: live };
  }

  async read(request: ReadRequest): Promise<ReadResult | undefined> {
    const session = this.#ready;
    if (session.reachable) return readObject(request, session);
    this.#engine.log("warning", session.unreachableReason, request.urn);
    if (session.settings.deleteUnreachable) return undefined;
    if (session.settings.skipUpdateUnreachable) {
      return { id: request.id, state: request.oldState, inputs: request.oldInputs };
    }
    throw new Error(
      "failed to read resource state due to unreachable cluster. If the cluster was deleted, you " +
        "can remove this resource from Pulumi state by rerunning the operation with the " +
        'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }

  async update(
    request: UpdateRequest,
    signal: AbortSignal,
  ): Promise<{ readonly state: PropertyMap }> {
    if (request.preview && !(await this.#canPreview(request.inputs))) {
      return { state: request.inputs };
    }
    this.#ready.requireReachable();
    return { state: await new Operations(this.#ready, request, signal).update(request) };
  }

  async delete(request: DeleteRequest, signal: AbortSignal): Promise<void> {
    const session = this.#ready;
    if (session.reachable) return removeObject(request, session, signal);
    if (session.settings.deleteUnreachable) {
      this.#engine.log("info", "deleting the unreachable resource from Pulumi state", request.urn);
      return;
    }
    throw new Error(
      `${session.unreachableReason}. If the cluster was deleted, you can remove this resource ` +
        "from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE " +
        'environment variable set to "true"',
    );
  }

  /** Whether the API server can be asked what would come of these inputs. */
  async #canPreview(inputs: PropertyMap): Promise<boolean> {
    const session = this.#ready;
    if (!session.reachable || hasUnknown(inputs)) return false;
    return session.knows(toJson(inputs));
  }
}
