import { Metadata, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { encode } from "./struct.ts";
import type { PropertyMap } from "./values.ts";

/** What is known of a resource that exists but did not become ready. */
export interface Unfinished {
  readonly id: string;
  readonly state: PropertyMap;
  /** Given by `read` only; others leave the inputs as the engine has them. */
  readonly inputs?: PropertyMap;
  /** One line each, shown to the user. */
  readonly reasons: readonly string[];
}

/**
 * The resource exists, but is not as it should be. The engine records it, reports the reasons and
 * takes it up again with an update in the next run.
 */
export class InitializationError extends Error {
  readonly unfinished: Unfinished;

  constructor(message: string, unfinished: Unfinished) {
    super(message);
    this.unfinished = unfinished;
  }
}

/** The method is none that a stand-in has. */
export class UnimplementedError extends Error {}

/** An error as gRPC takes it from a handler. */
export interface ServiceError {
  readonly code: status;
  readonly details: string;
  readonly metadata?: Metadata;
}

/** Turns what a handler threw into an answer that the engine understands. */
export function toServiceError(error: unknown): ServiceError {
  const details = error instanceof Error ? error.message : String(error);
  if (error instanceof UnimplementedError) return { code: status.UNIMPLEMENTED, details };
  if (!(error instanceof InitializationError)) return { code: status.UNKNOWN, details };
  const { id, state, inputs, reasons } = error.unfinished;
  const failed = new ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(encode(state));
  if (inputs !== undefined) failed.setInputs(encode(inputs));
  failed.setReasonsList([...reasons]);
  const packed = new Any();
  packed.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(details);
  answer.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  return { code: status.UNKNOWN, details, metadata };
}
