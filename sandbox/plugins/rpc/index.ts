export type { Engine, Severity } from "./engine.ts";
export { InitializationError, type Unfinished } from "./errors.ts";
export type {
  Autonaming,
  Change,
  CheckFailure,
  CheckRequest,
  CheckResult,
  CreateRequest,
  CreateResult,
  DeleteRequest,
  DiffKind,
  DiffRequest,
  DiffResult,
  InvokeRequest,
  Provider,
  ReadRequest,
  ReadResult,
  ResourceIdentity,
  UpdateRequest,
} from "./provider.ts";
export { type Plugin, serve } from "./server.ts";
export {
  bare,
  hasSecret,
  hasUnknown,
  isList,
  isMap,
  isSame,
  memberPath,
  type Plain,
  type PropertyMap,
  type PropertyValue,
  reveal,
  revealKnown,
  Secret,
  Special,
  UNKNOWN,
} from "./values.ts";
