import type { handleUnaryCall, ServerUnaryCall, UntypedHandleCall } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { Engine } from "./engine.ts";
import { toServiceError, UnimplementedError } from "./errors.ts";
import * as message from "./messages.ts";
import type { Provider } from "./provider.ts";
import { decode, encode } from "./struct.ts";

type Methods = Readonly<Record<string, UntypedHandleCall>>;

/** Makes a gRPC handler of a function that answers or throws. */
function answer<Request, Response>(
  handle: (request: Request) => Promise<Response>,
): UntypedHandleCall {
  const handler: handleUnaryCall<Request, Response> = (
    call: ServerUnaryCall<Request, Response>,
    callback,
  ) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
  return handler as UntypedHandleCall;
}

/** The requests that are about the plugin itself. */
export class Lifecycle {
  readonly #name: string;
  readonly #version: string;
  readonly #provider: Provider;
  readonly #engine: Engine;
  readonly #cancelled = new AbortController();

  constructor(name: string, version: string, provider: Provider, engine: Engine) {
    this.#name = name;
    this.#version = version;
    this.#provider = provider;
    this.#engine = engine;
  }

  /** Aborted when the engine asks to stop. */
  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** The handlers by the name that the protocol gives them. */
  methods(): Methods {
    return {
      getPluginInfo: answer(async () => new PluginInfo().setVersion(this.#version)),
      // Without a handshake the engine falls back to the flags of `configure`, as with the real
      // plugins of the versions that are stood in for.
      handshake: answer(() => this.#unimplemented("Handshake")),
      parameterize: answer(() => this.#unimplemented("Parameterize")),
      call: answer(() => this.#unimplemented("Call")),
      construct: answer(() => this.#unimplemented("Construct")),
      getSchema: answer(async () => {
        // Enough for the engine; code for imported resources cannot be generated from it.
        const schema = { name: this.#name, version: this.#version };
        return new pb.GetSchemaResponse().setSchema(JSON.stringify(schema));
      }),
      getMapping: answer(async () => new pb.GetMappingResponse()),
      getMappings: answer(async () => new pb.GetMappingsResponse()),
      attach: answer(async () => new Empty()),
      cancel: answer(async () => {
        this.#cancelled.abort();
        return new Empty();
      }),
      configure: answer((request: pb.ConfigureRequest) => this.#configure(request)),
    };
  }

  async #unimplemented(method: string): Promise<never> {
    throw new UnimplementedError(
      `${method} is not supported by the stand-in for the ${this.#name} plugin`,
    );
  }

  async #configure(request: pb.ConfigureRequest): Promise<pb.ConfigureResponse> {
    this.#engine.log("info", `sandbox stand-in for the ${this.#name} plugin in use`);
    await this.#provider.configure?.(decode(request.getArgs()));
    return new pb.ConfigureResponse()
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(true);
  }
}

/** The requests that are about a resource, a function or the provider's settings. */
export class Resources {
  readonly #provider: Provider;
  readonly #signal: AbortSignal;

  constructor(provider: Provider, signal: AbortSignal) {
    this.#provider = provider;
    this.#signal = signal;
  }

  /** The handlers by the name that the protocol gives them. */
  methods(): Methods {
    const provider = this.#provider;
    const signal = this.#signal;
    return {
      checkConfig: answer(async (request: pb.CheckRequest) => {
        const read = message.readCheck(request);
        const good = { inputs: read.inputs, failures: [] };
        return message.writeCheck((await provider.checkConfig?.(read)) ?? good);
      }),
      diffConfig: answer(async (request: pb.DiffRequest) => {
        const read = message.readDiff(request);
        return message.writeDiff((await provider.diffConfig?.(read)) ?? message.differsAtAll(read));
      }),
      check: answer(async (request: pb.CheckRequest) =>
        message.writeCheck(await provider.check(message.readCheck(request))),
      ),
      diff: answer(async (request: pb.DiffRequest) =>
        message.writeDiff(await provider.diff(message.readDiff(request))),
      ),
      create: answer(async (request: pb.CreateRequest) => {
        const result = await provider.create(message.readCreate(request), signal);
        return new pb.CreateResponse().setId(result.id).setProperties(encode(result.state));
      }),
      read: answer(async (request: pb.ReadRequest) =>
        message.writeRead(await provider.read(message.readRead(request), signal)),
      ),
      update: answer(async (request: pb.UpdateRequest) => {
        const result = await provider.update(message.readUpdate(request), signal);
        return new pb.UpdateResponse().setProperties(encode(result.state));
      }),
      delete: answer(async (request: pb.DeleteRequest) => {
        await provider.delete(message.readDelete(request), signal);
        return new Empty();
      }),
      invoke: answer((request: pb.InvokeRequest) => this.#invoke(request)),
    };
  }

  async #invoke(request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
    const token = request.getTok();
    if (this.#provider.invoke === undefined) {
      throw new Error(`function ${token} is not supported by the stand-in`);
    }
    const args = decode(request.getArgs());
    const result = await this.#provider.invoke({ token, args }, this.#signal);
    return new pb.InvokeResponse().setReturn(encode(result));
  }
}
