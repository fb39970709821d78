import { buildServer } from "../../../apps/api/src/server.ts";
import { createLogger } from "../../../apps/shared/log.ts";
import { Registry } from "../../../apps/shared/metrics-server.ts";

/** The API's own server and route with nothing behind it: prints its port when it listens. */
async function main(): Promise<void> {
  const server = buildServer({
    publisher: { publish: () => Promise.resolve() },
    hostname: "bare",
    version: "bare",
    draining: () => false,
    registry: new Registry(),
    log: createLogger("bare", "info", 2),
  });
  const address = await server.listen({ port: 0, host: "127.0.0.1" });
  process.stdout.write(`${new URL(address).port}\n`);
}

void main();
