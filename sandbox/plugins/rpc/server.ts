import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { connectEngine, type Engine, SILENT } from "./engine.ts";
import { Lifecycle, Resources } from "./handlers.ts";
import type { Provider } from "./provider.ts";

/** What `serve` needs to know of a plugin. */
export interface Plugin {
  /** Package name, as `kubernetes`. */
  readonly name: string;
  /** Version of the SDK package that it stands in for. */
  readonly version: string;
  /** Makes the provider; called once, before the first request. */
  readonly provider: (engine: Engine) => Provider;
}

// A resource with a large state (a CRD, a bundle of certificates) outgrows gRPC's default of 4 MB.
const LARGEST_MESSAGE = 400 * 1024 * 1024;
const PARENT_CHECK_MS = 1000;

/** A plugin that serves. */
export interface Listening {
  readonly port: number;
  /** Drops all connections. */
  close(): void;
}

/** Serves a plugin on a free port of the loopback device, for the engine at `engineAddress`. */
export async function listen(plugin: Plugin, engineAddress?: string): Promise<Listening> {
  const engine = engineAddress === undefined ? SILENT : connectEngine(engineAddress);
  const provider = plugin.provider(engine);
  const lifecycle = new Lifecycle(plugin.name, plugin.version, provider, engine);
  const resources = new Resources(provider, lifecycle.signal);
  const server = new Server({
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
    "grpc.max_send_message_length": LARGEST_MESSAGE,
  });
  const implementation: UntypedServiceImplementation = {
    ...lifecycle.methods(),
    ...resources.methods(),
  };
  server.addService(ResourceProviderService, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

/**
 * Runs a plugin as the engine starts it: the engine's address is the first argument, the port goes
 * to standard output. The engine ends it by SIGINT, which ctrl-C in a terminal does not bring here
 * (a plugin is put in a process group of its own). Exits when the process that started it is gone,
 * so that a killed engine leaves nothing behind.
 */
export async function serve(plugin: Plugin): Promise<void> {
  const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const { port } = await listen(plugin, address);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS);
  process.stdout.write(`${port}\n`);
}
