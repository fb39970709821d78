import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Where the Docker engine answers when nobody says otherwise. */
export const DEFAULT_HOST = "unix:///var/run/docker.sock";

const INTERRUPTED = "interrupted";

/** One message of the stream in which the engine reports on a build or a push. */
export interface Message {
  readonly id?: string;
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: unknown;
}

/** Name and password for a registry. */
export interface Credentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable;
}

/**
 * The Docker engine over its HTTP interface. Credentials travel in headers on a local socket, so
 * they are on no command line and in no file.
 */
export class DockerEngine {
  readonly #host: string;
  readonly #socketPath: string;

  /** `host` is as in `DOCKER_HOST`; only `unix://` is taken, and an error is thrown for others. */
  constructor(host: string) {
    if (!host.startsWith("unix://")) {
      throw new Error(`got the docker host "${host}"; allowed by the stand-in: unix:///path`);
    }
    this.#host = host;
    this.#socketPath = host.slice("unix://".length);
  }

  /** Builds the archive `context`, telling every message of the build to `tell`. */
  async build(
    context: Readable,
    query: URLSearchParams,
    credentials: Credentials | undefined,
    tell: (message: Message) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const logins = credentials === undefined ? {} : { [credentials.server]: login(credentials) };
    const headers = {
      "content-type": "application/x-tar",
      "x-registry-config": toHeader(logins),
    };
    const call = { method: "POST", path: "/build", query, headers, body: context } as const;
    await tellAll(await this.#call(call, signal), tell, signal);
  }

  /** Pushes `repository:tag`, telling every message of the push to `tell`. */
  async push(
    repository: string,
    tag: string,
    credentials: Credentials | undefined,
    tell: (message: Message) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const headers = {
      "x-registry-auth": toHeader(credentials === undefined ? {} : login(credentials)),
    };
    const path = `/images/${repository}/push`;
    const query = new URLSearchParams({ tag });
    const call = { method: "POST", path, query, headers } as const;
    await tellAll(await this.#call(call, signal), tell, signal);
  }

  /** The ID, `sha256:...`, of the image called `name`. */
  async imageId(name: string, signal: AbortSignal): Promise<string> {
    const response = await this.#call({ method: "GET", path: `/images/${name}/json` }, signal);
    const image = JSON.parse(await text(response)) as { readonly Id: string };
    return image.Id;
  }

  async #call(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const query = call.query?.toString() ?? "";
    const outgoing = request({
      socketPath: this.#socketPath,
      method: call.method,
      path: query === "" ? call.path : `${call.path}?${query}`,
      headers: { host: "docker", ...call.headers },
      signal,
    });
    const response = await this.#send(outgoing, call.body);
    if ((response.statusCode ?? 0) < 300) return response;
    const answer = await text(response);
    throw new Error(`docker engine: ${messageOf(answer)} (status ${response.statusCode})`);
  }

  async #send(outgoing: ClientRequest, body: Readable | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => reject(this.#explain(error));
      outgoing.once("response", resolve);
      outgoing.on("error", fail);
      if (body === undefined) outgoing.end();
      // Once there is an answer, it does not matter whether the engine has read everything.
      else pipeline(body, outgoing).catch(fail);
    });
  }

  #explain(error: NodeJS.ErrnoException): Error {
    if (error.name === "AbortError") return new Error(INTERRUPTED);
    if (error.syscall !== "connect") return new Error(`docker engine: ${error.message}`);
    return new Error(
      `no docker engine answers on ${this.#host} (${error.code}); start it, or set DOCKER_HOST`,
    );
  }
}

function login(credentials: Credentials): Readonly<Record<string, string>> {
  const { server, username, password } = credentials;
  return { username, password, serveraddress: server };
}

function toHeader(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

async function text(response: IncomingMessage): Promise<string> {
  let whole = "";
  for await (const chunk of response.setEncoding("utf8")) whole += chunk;
  return whole;
}

function messageOf(answer: string): string {
  try {
    return String((JSON.parse(answer) as { readonly message?: string }).message ?? answer);
  } catch {
    return answer;
  }
}

// An answer that breaks off must not pass for one that is finished.
async function tellAll(
  response: IncomingMessage,
  tell: (message: Message) => void,
  signal: AbortSignal,
): Promise<void> {
  let rest = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") tell(JSON.parse(line) as Message);
    }
  } catch (error) {
    if (signal.aborted) throw new Error(INTERRUPTED);
    throw new Error(`docker engine broke off: ${error instanceof Error ? error.message : error}`);
  }
  if (rest.trim() !== "") tell(JSON.parse(rest) as Message);
}
