import * as http from "node:http";
import * as https from "node:https";
import { isJsonMap, type Json, type JsonMap, list, text } from "./json.ts";
import type { Access } from "./kubeconfig.ts";

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  /** HTTP status. */
  readonly code: number;
  /** Machine-readable reason, as `NotFound` or `Conflict`. */
  readonly reason: string;
  /** Kind of the object that the error is about, as `namespaces`; empty where none is named. */
  readonly about: string;

  constructor(code: number, status: JsonMap) {
    super(text(status, "message") || `the API server answered with HTTP status ${code}`);
    this.code = code;
    this.reason = text(status, "reason");
    this.about = text(status, "details", "kind");
  }
}

/** The API server cannot be reached or trusted. */
export class UnreachableError extends Error {}

/** Whether the error says that the object is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** One request; the path holds the query. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: Json;
  /** Defaults to `application/json`. */
  readonly contentType?: string;
}

/** The `kind` and the plural that the API server knows a resource by. */
export interface Resource {
  readonly plural: string;
  readonly namespaced: boolean;
}

const REQUEST_TIMEOUT_MS = 60_000;

/** Speaks to one API server over kept-alive connections. */
export class Client {
  readonly #access: Access;
  readonly #agent: http.Agent;

  constructor(access: Access) {
    this.#access = access;
    const pool = { keepAlive: true, maxSockets: 64, scheduling: "lifo" } as const;
    this.#agent = access.server.startsWith("https:")
      ? new https.Agent({
          ...pool,
          ca: access.ca,
          cert: access.clientCertificate,
          key: access.clientKey,
          servername: access.serverName,
          rejectUnauthorized: !access.insecure,
        })
      : new http.Agent(pool);
  }

  /**
   * Sends one request and returns the object that came back.
   * Throws `ApiError` for an answer of 400 and above, `UnreachableError` where none comes.
   */
  async send(request: ApiRequest): Promise<JsonMap> {
    const authorization = await this.#access.authorization?.();
    const { status, body } = await this.#exchange(request, authorization);
    let parsed: Json;
    try {
      parsed = JSON.parse(body) as Json;
    } catch {
      parsed = { message: body.slice(0, 500) };
    }
    const answer = isJsonMap(parsed) ? parsed : {};
    if (status >= 400) throw new ApiError(status, answer);
    return answer;
  }

  #exchange(
    request: ApiRequest,
    authorization: string | undefined,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const { server } = this.#access;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const transport = server.startsWith("https:") ? https : http;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(new UnreachableError(`cannot reach the API server at ${server}: ${error.message}`));
      const call = transport.request(
        `${server}${request.path}`,
        {
          method: request.method,
          agent: this.#agent,
          timeout: REQUEST_TIMEOUT_MS,
          headers: {
            accept: "application/json",
            "content-type": request.contentType ?? "application/json",
            ...(authorization ? { authorization } : {}),
            ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", fail);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      call.on("timeout", () => call.destroy(new Error(`no answer in ${REQUEST_TIMEOUT_MS} ms`)));
      call.on("error", (error: NodeJS.ErrnoException) => {
        // The server may close a kept-alive connection at the moment that it is used again.
        if (call.reusedSocket && error.code === "ECONNRESET") {
          this.#exchange(request, authorization).then(resolve, reject);
        } else {
          fail(error);
        }
      });
      call.end(body);
    });
  }
}

/** Reads the resources out of an APIResourceList, by kind; subresources are left out. */
export function resourcesByKind(answer: JsonMap): ReadonlyMap<string, Resource> {
  return new Map(
    list(answer, "resources")
      .filter((one) => !text(one, "name").includes("/"))
      .map((one) => [
        text(one, "kind"),
        { plural: text(one, "name"), namespaced: isJsonMap(one) && one.namespaced === true },
      ]),
  );
}
