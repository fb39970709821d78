import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";

/** How loud a message is; `debug` is shown only where the user asks for it. */
export type Severity = "debug" | "info" | "warning" | "error";

const SEVERITIES = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
} as const;

/** The way back to the engine that started this plugin. Messages must hold no secret. */
export interface Engine {
  /** A lasting message, shown under the resource `urn`, or under the stack without it. */
  log(severity: Severity, message: string, urn?: string): void;
  /** A passing message beside the resource `urn`, replaced by the next one. */
  status(message: string, urn: string): void;
}

/** Connects to the engine at `address` (host:port). Messages that cannot be told are dropped. */
export function connectEngine(address: string): Engine {
  const client = new EngineClient(address, credentials.createInsecure());
  const send = (severity: Severity, message: string, urn: string, passing: boolean): void => {
    const request = new LogRequest();
    request.setSeverity(SEVERITIES[severity]);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(passing);
    // Work must not fail because nobody listens any more.
    client.log(request, () => {});
  };
  return {
    log: (severity, message, urn = "") => send(severity, message, urn, false),
    status: (message, urn) => send("info", message, urn, true),
  };
}

/** An engine that hears nothing, for a plugin that was started by hand. */
export const SILENT: Engine = { log: () => {}, status: () => {} };
