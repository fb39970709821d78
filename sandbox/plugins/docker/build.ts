import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { type BuildContext, readContext } from "./context.ts";
import type { DockerEngine, Message } from "./engine.ts";
import type { ImageOrder } from "./inputs.ts";
import { readTrace } from "./trace.ts";

const SHOWN_LINES = 20;

/** What came of an order. */
export interface BuiltImage {
  /** Path of the Dockerfile relative to the context. */
  readonly dockerfile: string;
  /** `repository@sha256:...` of a pushed image, `sha256:...` of one that stays in the engine. */
  readonly repoDigest: string;
}

/**
 * Builds an image and pushes it unless the order says not to. `status` hears what goes on. Throws
 * with the last lines that the build printed.
 */
export async function buildImage(
  engine: DockerEngine,
  order: ImageOrder,
  status: (line: string) => void,
  signal: AbortSignal,
): Promise<BuiltImage> {
  const context = readContext(order.context, order.dockerfile);
  const heard = new Listener(status);
  status("building the image");
  await heard.during(`build of ${order.name.full}`, (tell) =>
    engine.build(archive(context), queryOf(order, context), order.credentials, tell, signal),
  );
  const { dockerfile } = context;
  if (order.skipPush)
    return { dockerfile, repoDigest: await engine.imageId(order.name.full, signal) };
  status("pushing the image");
  const { repository, tag } = order.name;
  await heard.during(`push of ${order.name.full}`, (tell) =>
    engine.push(repository, tag, order.credentials, tell, signal),
  );
  if (heard.digest === undefined) throw new Error(`push of ${order.name.full} gave no digest`);
  return { dockerfile, repoDigest: `${repository}@${heard.digest}` };
}

function queryOf(order: ImageOrder, context: BuildContext): URLSearchParams {
  const query = new URLSearchParams({
    dockerfile: context.dockerfile,
    t: order.name.full,
    platform: order.platform,
    version: order.builder === "BuilderV1" ? "1" : "2",
    buildargs: JSON.stringify(order.args),
    cachefrom: JSON.stringify(order.cacheFrom),
    rm: "1",
    ...(order.target === undefined ? {} : { target: order.target }),
    ...(order.network === undefined ? {} : { networkmode: order.network }),
  });
  for (const host of order.addHosts) query.append("extrahosts", host);
  return query;
}

// Owners are of this machine and would end up in the image.
function archive(context: BuildContext): Readable {
  const list = ["--create", "--no-recursion", "--null", "--files-from=-"];
  const owners = ["--owner=0", "--group=0", "--numeric-owner"];
  const tar = spawn("tar", ["--directory", context.root, ...list, ...owners], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let complaint = "";
  tar.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaint += chunk;
  });
  tar.once("close", (code) => {
    if (code !== 0) tar.stdout.destroy(new Error(`tar of the context failed: ${complaint.trim()}`));
  });
  tar.once("error", (error) => tar.stdout.destroy(error));
  // tar may end before it has read everything; its exit code tells.
  tar.stdin.once("error", () => {});
  tar.stdin.end(context.entries.map(({ path }) => `./${path}\0`).join(""));
  return tar.stdout;
}

/** Follows what the engine tells, for the user while it works and for the error if it fails. */
class Listener {
  readonly #status: (line: string) => void;
  #lines: string[] = [];
  #error: string | undefined;
  /** Digest of the manifest that was pushed. */
  digest: string | undefined;

  constructor(status: (line: string) => void) {
    this.#status = status;
  }

  async during(
    what: string,
    work: (tell: (message: Message) => void) => Promise<void>,
  ): Promise<void> {
    this.#lines = [];
    this.#error = undefined;
    await work((message) => this.#hear(message));
    if (this.#error === undefined) return;
    throw new Error([`${what} failed: ${this.#error}`, ...this.#lines].join("\n"));
  }

  #hear(message: Message): void {
    this.#error ??= message.error;
    if (message.id === "moby.buildkit.trace") {
      const { steps, lines } = readTrace(String(message.aux));
      for (const line of [...steps, ...lines]) this.#note(line);
      return;
    }
    const { Digest: digest } = (message.aux ?? {}) as { readonly Digest?: string };
    this.digest = digest ?? this.digest;
    const layer = message.id === undefined ? "" : `${message.id}: `;
    const said = message.stream ?? (message.status === undefined ? "" : layer + message.status);
    for (const line of said.split("\n")) this.#note(line);
  }

  #note(printed: string): void {
    const line = stripVTControlCharacters(printed).trimEnd();
    if (line === "") return;
    this.#lines = [...this.#lines, line].slice(-SHOWN_LINES);
    this.#status(line);
  }
}
