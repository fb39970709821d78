import type { PropertyMap } from "./values.ts";

/** Which resource a request is about, taken from its URN. */
export interface ResourceIdentity {
  /** Full URN, for log messages. */
  readonly urn: string;
  /** Type token, as `kubernetes:apps/v1:StatefulSet`. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
}

/** A resource that the engine has in its state. */
export interface KnownResource extends ResourceIdentity {
  readonly id: string;
  /** Inputs of the last update; empty on import and on `get`. */
  readonly oldInputs: PropertyMap;
  /** State of the last update; empty on import. */
  readonly oldState: PropertyMap;
}

/** How the user's autonaming settings want a resource to be named. */
export interface Autonaming {
  readonly proposedName: string;
  /** `propose`: use it or a valid form of it; `enforce`: use exactly it; `disable`: name required. */
  readonly mode: "propose" | "enforce" | "disable";
}

/** Inputs to be checked and completed, before anything is planned. */
export interface CheckRequest extends ResourceIdentity {
  /** Inputs as checked last time; empty for a new resource. */
  readonly oldInputs: PropertyMap;
  readonly inputs: PropertyMap;
  /** Bytes that stay the same for one plan, for names that agree between preview and update. */
  readonly randomSeed: Uint8Array;
  readonly autonaming?: Autonaming;
}

/** What is wrong with an input; `property` is empty where it is about the whole resource. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** What a check came to; with failures the resource is not planned. */
export interface CheckResult {
  /** The inputs with defaults filled in. */
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/** A resource as it is and as the program wants it. */
export interface DiffRequest extends KnownResource {
  readonly inputs: PropertyMap;
  /** Property paths that the program asked to ignore. */
  readonly ignoreChanges: readonly string[];
}

/** How one property changes. */
export type Change = "add" | "delete" | "update";

/** How one property changes, and whether that needs a replacement. */
export type DiffKind = Change | `${Change}-replace`;

/** What a change would do. */
export interface DiffResult {
  readonly changed: boolean;
  /** Properties (or property paths) whose change makes a replacement necessary. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** What changes, by property path as `spec.template.spec.containers[0].image`. */
  readonly detailed: Readonly<Record<string, DiffKind>>;
}

/** A resource to be created. */
export interface CreateRequest extends ResourceIdentity {
  readonly inputs: PropertyMap;
  /** Only plan: touch nothing; inputs may hold unknowns. */
  readonly preview: boolean;
  /** Seconds, from `customTimeouts`; 0 where none was given. */
  readonly timeout: number;
}

/** A resource that was created, or the plan of one. */
export interface CreateResult {
  /** Ignored in a preview. */
  readonly id: string;
  readonly state: PropertyMap;
}

/** A resource whose live state is asked for, known to the stack or not. */
export type ReadRequest = KnownResource;

/** What was found. `undefined` from `Provider.read` stands for a resource that is gone. */
export interface ReadResult {
  readonly id: string;
  readonly state: PropertyMap;
  readonly inputs: PropertyMap;
}

/** A resource to be changed in place. */
export interface UpdateRequest extends DiffRequest {
  readonly preview: boolean;
  /** Seconds; 0 where none was given. */
  readonly timeout: number;
}

/** A resource to be deleted. */
export interface DeleteRequest extends KnownResource {
  /** Seconds; 0 where none was given. */
  readonly timeout: number;
}

/** A call of a function of the plugin. */
export interface InvokeRequest {
  /** Function token, as `kubernetes:yaml:decode`. */
  readonly token: string;
  readonly args: PropertyMap;
}

/**
 * A resource plugin, as `serve` puts it on the wire.
 *
 * A thrown error fails the one operation with its message. `InitializationError` does so too, but
 * lets the engine keep the resource in its state, so that the next run carries on with it.
 * `signal` is aborted when the user presses ctrl-C; long waits must then end soon.
 */
export interface Provider {
  /** Defaults to: inputs are good as they are. */
  checkConfig?(request: CheckRequest): Promise<CheckResult>;
  /** Defaults to: any change is an update, none replaces what the provider made. */
  diffConfig?(request: DiffRequest): Promise<DiffResult>;
  /** Called once, before any resource. Values that are no strings come as JSON in the engine. */
  configure?(config: PropertyMap): Promise<void>;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest, signal: AbortSignal): Promise<CreateResult>;
  read(request: ReadRequest, signal: AbortSignal): Promise<ReadResult | undefined>;
  update(request: UpdateRequest, signal: AbortSignal): Promise<{ readonly state: PropertyMap }>;
  delete(request: DeleteRequest, signal: AbortSignal): Promise<void>;
  /** Defaults to: no function is known. */
  invoke?(request: InvokeRequest, signal: AbortSignal): Promise<PropertyMap>;
}
