import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { collectDefaultMetrics, Registry } from "prom-client";
import { type Listening, listen } from "./listen.ts";
import type { Logger } from "./log.ts";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

/** How an app serves its metrics. */
export interface MetricsSettings {
  /** 0 takes any free port. */
  readonly port: number;
  /** PEM files: the authority of those who may ask, our certificate, our key. */
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** What the metrics port answers with. */
export interface MetricsOptions extends MetricsSettings {
  /** What `/metrics` shows; the process's own are added to it. */
  readonly registry: Registry;
  /** Further pages in the text of Prometheus, by their path. @default none */
  readonly pages?: Readonly<Record<string, () => Promise<string>>>;
  readonly log: Logger;
}

const PLAIN = "text/plain; charset=utf-8";

function filesOf({ caFile, certFile, keyFile }: MetricsSettings["tls"]): SecureContextOptions {
  return {
    ca: readFileSync(caFile),
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    minVersion: "TLSv1.3",
  };
}

/**
 * The files are read again for each connection, so that a renewed certificate is used without a
 * restart. Files that do not fit together, as in the middle of a change, leave the last good ones.
 */
function renewTls(server: Server, { tls, log }: MetricsOptions): void {
  // Before the listener that starts TLS on the connection.
  server.prependListener("connection", () => {
    try {
      server.setSecureContext(filesOf(tls));
    } catch (error) {
      log.warn({ err: error }, "the metrics' certificate cannot be read, the last one stays");
    }
  });
}

async function answer(page: () => Promise<string>, log: Logger, response: ServerResponse) {
  try {
    const body = await page();
    response.writeHead(200, { "content-type": Registry.PROMETHEUS_CONTENT_TYPE }).end(body);
  } catch (error) {
    log.error({ err: error }, "metrics cannot be had");
    response.writeHead(500, { "content-type": PLAIN }).end("the metrics cannot be had\n");
  }
}

/**
 * Serves `/metrics`, and whatever pages there are besides, to those who show a certificate of the
 * authority. Rejects when the port or the files cannot be had.
 */
export async function startMetricsServer(options: MetricsOptions): Promise<Listening> {
  const { registry, log } = options;
  const pages = new Map(Object.entries({ "/metrics": () => registry.metrics(), ...options.pages }));
  const allowed = `allowed: ${[...pages.keys()].join(", ")}\n`;
  const tls = { ...filesOf(options.tls), requestCert: true, rejectUnauthorized: true };
  collectDefaultMetrics({ register: registry });
  const server = createServer(tls, (request, response) => {
    const page = pages.get(request.url ?? "/");
    if (page) {
      void answer(page, log, response);
    } else {
      response.writeHead(404, { "content-type": PLAIN }).end(allowed);
    }
  });
  renewTls(server, options);
  return listen(server, options.port);
}
