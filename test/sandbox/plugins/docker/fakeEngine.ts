import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One request as the fake engine got it. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Names in the archive that was sent, without the `./` before them. */
  readonly archive: readonly string[];
}

/** What the fake engine answers, by the last part of the path: `build`, `push` or `json`. */
export type Answers = Readonly<Record<string, readonly unknown[]>>;

/** Stands where a Docker engine would, notes what it is asked and answers what it was told. */
export class FakeEngine {
  readonly asked: Asked[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "engine-"));
  readonly #server: Server;
  /** Answers to come; one that is missing is an error of the engine. */
  answers: Answers = {};
  /** Called where an answer would end, to break it off or to leave it open. */
  instead: ((response: ServerResponse) => void) | undefined;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { pathname, searchParams } = new URL(request.url ?? "", "http://docker");
      const archive = listArchive(Buffer.concat(chunks));
      this.asked.push({ path: pathname, query: searchParams, headers: request.headers, archive });
      const answer = this.answers[pathname.split("/").at(-1) ?? ""];
      response.writeHead(answer === undefined ? 500 : 200);
      const lines = answer ?? [{ message: "no such answer" }];
      const text = lines.map((line) => `${JSON.stringify(line)}\r\n`).join("");
      if (this.instead === undefined) response.end(text);
      else response.write(text, () => this.instead?.(response));
    });
  }

  /** Where it listens, as in `DOCKER_HOST`. */
  get host(): string {
    return `unix://${join(this.#folder, "docker.sock")}`;
  }

  /** Begins to listen. */
  async open(): Promise<void> {
    await new Promise<void>((done) => {
      this.#server.listen(this.host.slice("unix://".length), done);
    });
  }

  /** Stops listening and removes its socket. */
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}

function listArchive(bytes: Buffer): readonly string[] {
  if (bytes.length === 0) return [];
  const listed = execFileSync("tar", ["-t"], { input: bytes, encoding: "utf8" });
  return listed
    .split("\n")
    .filter(Boolean)
    .map((name) => name.replace(/^\.\//, ""));
}
