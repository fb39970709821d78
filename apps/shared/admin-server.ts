import { createServer, type Server } from "node:http";
import { Registry } from "prom-client";
import type { Logger } from "./log.ts";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A state to report: the reason why not, or undefined when all is well. */
export type Check = () => string | undefined;

/** What the admin port answers with. */
export interface AdminOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly live: Check;
  readonly ready: Check;
  readonly registry: Registry;
  readonly log: Logger;
}

/** The admin port in service. */
export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

const PLAIN = "text/plain; charset=utf-8";

async function answer(url: string, options: AdminOptions): Promise<[number, string, string]> {
  if (url === "/livez" || url === "/readyz") {
    const reason = url === "/livez" ? options.live() : options.ready();
    return reason === undefined ? [200, PLAIN, "ok\n"] : [503, PLAIN, `${reason}\n`];
  }
  if (url === "/metrics") {
    return [200, Registry.PROMETHEUS_CONTENT_TYPE, await options.registry.metrics()];
  }
  return [404, PLAIN, "allowed: /livez, /readyz, /metrics\n"];
}

/**
 * Serves `/livez`, `/readyz` (200 `ok`, or 503 and the reason) and `/metrics` (Prometheus text) on a
 * port of its own, which keeps them off the public one. Rejects when the port cannot be had.
 */
export function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const server: Server = createServer((request, response) => {
    answer(request.url ?? "/", options).then(
      ([status, type, body]) => response.writeHead(status, { "content-type": type }).end(body),
      (error: unknown) => {
        options.log.error({ err: error }, "admin request failed");
        response.writeHead(500, { "content-type": PLAIN }).end("the request failed\n");
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address ? address.port : options.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
