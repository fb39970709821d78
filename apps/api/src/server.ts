import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Logger } from "../../shared/log.ts";
import { Counter, Histogram, type Registry } from "../../shared/metrics-server.ts";
import type { Publisher } from "./publisher.ts";
import { PublishError } from "./publishing.ts";
import { decodeText, MAX_TEXT_BYTES, TOO_LONG } from "./text.ts";

/** What the public server needs; `draining` is asked for every answer. */
export interface ServerOptions {
  readonly publisher: Pick<Publisher, "publish">;
  readonly hostname: string;
  readonly version: string;
  readonly draining: () => boolean;
  readonly registry: Registry;
  readonly log: Logger;
}

const PREFIX = "/api/publish/";
const PUBLISHED = "Alrighty then!";
const NOT_FOUND = "The requested resource was not found";
const PLAIN = "text/plain; charset=utf-8";
/** Every byte of the longest text escaped, and room for the rest of the request line and headers. */
const MAX_HEADER_BYTES = 3 * MAX_TEXT_BYTES + 16 * 1024;
/** No request line can ask for these by name: they hold a space. */
const PUBLISH_ROUTE = "/ publish";
const UNKNOWN_ROUTE = "/ unknown";
const GET_ROUTES = new Set(["/health", "/health/hostname", "/version"]);

/**
 * Routes a request before the router sees it. Paths are compared byte for byte, without the query;
 * a text may be long, and its escapes are none of the router's business.
 */
function routeOf(request: IncomingMessage): string {
  const { method, url = "" } = request;
  if (method === "POST" && url.startsWith(PREFIX)) {
    return PUBLISH_ROUTE;
  }
  const path = method === "GET" ? (url.split("?", 1)[0] ?? "") : "";
  return GET_ROUTES.has(path) ? path : UNKNOWN_ROUTE;
}

/** Answers what Node could not parse: a request line that is too long gets 413, the rest 400. */
function refuseUnparsable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, body] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["413 Payload Too Large", TOO_LONG.body]
      : ["400 Bad Request", "The request is not HTTP"];
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: ${PLAIN}\r\ncontent-length: ${body.length}\r\n` +
      `connection: close\r\n\r\n${body}`,
  );
}

function createMetrics(registry: Registry) {
  const requests = new Counter({
    name: "web_greetings_api_requests_total",
    help: "Answers by route and status",
    labelNames: ["route", "status"] as const,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "web_greetings_api_publish_seconds",
    help: "Time from a publish request to the acknowledgement of all in-sync replicas",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return { requests, published: requests.labels("publish", "201"), seconds };
}

/** The handlers of the routes: each answers with plain text and counts what it answered. */
class Handlers {
  readonly #options: ServerOptions;
  readonly #metrics: ReturnType<typeof createMetrics>;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#metrics = createMetrics(options.registry);
  }

  publish(request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
    const text = decodeText(request.originalUrl.slice(PREFIX.length));
    if (!Buffer.isBuffer(text)) {
      return this.answer(request, reply, "publish", text.status, text.body);
    }
    const begin = performance.now();
    return this.#options.publisher.publish(text).then(
      () => {
        this.#metrics.seconds.observe((performance.now() - begin) / 1000);
        this.#metrics.published.inc();
        return this.#send(request, reply, 201, PUBLISHED);
      },
      (error: unknown) => this.#unpublished(request, reply, error),
    );
  }

  #unpublished(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    if (!(error instanceof PublishError)) {
      throw error;
    }
    const { reason, message } = error;
    this.#options.log.warn({ requestId: request.id, reason }, `not published: ${message}`);
    reply.header("retry-after", "1");
    return this.answer(request, reply, "publish", 503, `Not published: ${message}`);
  }

  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    status: number,
    body: string,
  ): FastifyReply {
    this.#metrics.requests.labels(route, String(status)).inc();
    return this.#send(request, reply, status, body);
  }

  #send(request: FastifyRequest, reply: FastifyReply, status: number, body: string): FastifyReply {
    const { log, draining } = this.#options;
    if (log.isLevelEnabled("debug")) {
      log.debug({ requestId: request.id, method: request.method, status }, "answered");
    }
    if (draining()) {
      reply.header("connection", "close");
    }
    return reply.code(status).header("content-type", PLAIN).send(body);
  }
}

/** The public HTTP server, not yet listening. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const handlers = new Handlers(options);
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestIdHeader: "x-request-id",
    rewriteUrl: (request) => routeOf(request as IncomingMessage),
    clientErrorHandler: refuseUnparsable,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
  });
  // The text is in the path; whatever body comes along is of no interest, be it of any type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.post(PUBLISH_ROUTE, (request, reply) => handlers.publish(request, reply));
  for (const [path, body] of [
    ["/health", "Alive!"],
    ["/health/hostname", options.hostname],
    ["/version", options.version],
  ] as const) {
    app.get(path, (request, reply) => handlers.answer(request, reply, path, 200, body));
  }
  app.setNotFoundHandler((request, reply) =>
    handlers.answer(request, reply, "unknown", 404, NOT_FOUND),
  );
  app.setErrorHandler((error, request, reply) => {
    options.log.error({ err: error, requestId: request.id }, "request failed");
    return handlers.answer(request, reply, "failed", 500, "The request failed");
  });
  return app;
}
