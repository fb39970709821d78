import { isDeepStrictEqual } from "node:util";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type {
  Autonaming,
  CheckRequest,
  CheckResult,
  CreateRequest,
  DeleteRequest,
  DiffKind,
  DiffRequest,
  DiffResult,
  KnownResource,
  ReadRequest,
  ReadResult,
  ResourceIdentity,
  UpdateRequest,
} from "./provider.ts";
import { decode, encode } from "./struct.ts";

const KINDS = {
  add: pb.PropertyDiff.Kind.ADD,
  "add-replace": pb.PropertyDiff.Kind.ADD_REPLACE,
  delete: pb.PropertyDiff.Kind.DELETE,
  "delete-replace": pb.PropertyDiff.Kind.DELETE_REPLACE,
  update: pb.PropertyDiff.Kind.UPDATE,
  "update-replace": pb.PropertyDiff.Kind.UPDATE_REPLACE,
} as const satisfies Record<DiffKind, pb.PropertyDiff.Kind>;

/** Reads type and name out of `urn:pulumi:stack::project::parent$type::name`. */
export function identify(urn: string): ResourceIdentity {
  const [, , types = "", ...name] = urn.split("::");
  return { urn, type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

/** What all requests about a known resource say; where they keep its past is different in each. */
function readKnown(
  request: { getUrn(): string; getId(): string },
  oldInputs: Struct | undefined,
  oldState: Struct | undefined,
): KnownResource {
  return {
    ...identify(request.getUrn()),
    id: request.getId(),
    oldInputs: decode(oldInputs),
    oldState: decode(oldState),
  };
}

function readAutonaming(request: pb.CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (options === undefined) return undefined;
  const { PROPOSE, ENFORCE } = pb.CheckRequest.AutonamingOptions.Mode;
  const mode = options.getMode();
  return {
    proposedName: options.getProposedName(),
    mode: mode === PROPOSE ? "propose" : mode === ENFORCE ? "enforce" : "disable",
  };
}

/** The request to check inputs, from the wire. */
export function readCheck(request: pb.CheckRequest): CheckRequest {
  const autonaming = readAutonaming(request);
  return {
    ...identify(request.getUrn()),
    oldInputs: decode(request.getOlds()),
    inputs: decode(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    ...(autonaming === undefined ? {} : { autonaming }),
  };
}

/** The answer to a check, for the wire. */
export function writeCheck(result: CheckResult): pb.CheckResponse {
  const failures = result.failures.map(({ property, reason }) =>
    new pb.CheckFailure().setProperty(property).setReason(reason),
  );
  return new pb.CheckResponse().setInputs(encode(result.inputs)).setFailuresList(failures);
}

/** The request to compare inputs with the state, from the wire; an update has the same in it. */
export function readDiff(request: pb.DiffRequest | pb.UpdateRequest): DiffRequest {
  return {
    ...readKnown(request, request.getOldInputs(), request.getOlds()),
    inputs: decode(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

/** The answer to a comparison, for the wire. */
export function writeDiff(result: DiffResult): pb.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse()
    .setChanges(result.changed ? DIFF_SOME : DIFF_NONE)
    .setReplacesList([...result.replaces])
    .setDeletebeforereplace(result.deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const [path, kind] of Object.entries(result.detailed)) {
    response.getDetaileddiffMap().set(path, new pb.PropertyDiff().setKind(KINDS[kind]));
  }
  return response;
}

/** The plainest of diffs: by top-level property, and nothing makes a replacement necessary. */
export function differsAtAll({ oldInputs, inputs }: DiffRequest): DiffResult {
  const names = new Set([...Object.keys(oldInputs), ...Object.keys(inputs)]);
  const changed = [...names].filter((name) => !isDeepStrictEqual(oldInputs[name], inputs[name]));
  return {
    changed: changed.length > 0,
    replaces: [],
    deleteBeforeReplace: false,
    detailed: Object.fromEntries(changed.map((name) => [name, "update"])),
  };
}

/** The request to create a resource, from the wire. */
export function readCreate(request: pb.CreateRequest): CreateRequest {
  return {
    ...identify(request.getUrn()),
    inputs: decode(request.getProperties()),
    preview: request.getPreview(),
    timeout: request.getTimeout(),
  };
}

/** The request to read a resource or to import it, from the wire. */
export function readRead(request: pb.ReadRequest): ReadRequest {
  return readKnown(request, request.getInputs(), request.getProperties());
}

/** Writes what was found; the engine takes an empty id for a resource that is gone. */
export function writeRead(result: ReadResult | undefined): pb.ReadResponse {
  if (result === undefined) return new pb.ReadResponse();
  return new pb.ReadResponse()
    .setId(result.id)
    .setProperties(encode(result.state))
    .setInputs(encode(result.inputs));
}

/** The request to update a resource in place, from the wire. */
export function readUpdate(request: pb.UpdateRequest): UpdateRequest {
  return {
    ...readDiff(request),
    preview: request.getPreview(),
    timeout: request.getTimeout(),
  };
}

/** The request to delete a resource, from the wire. */
export function readDelete(request: pb.DeleteRequest): DeleteRequest {
  return {
    ...readKnown(request, request.getOldInputs(), request.getProperties()),
    timeout: request.getTimeout(),
  };
}
