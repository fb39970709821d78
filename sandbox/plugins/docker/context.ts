import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { readIgnore } from "./ignore.ts";

/** What an image is built from, as the Dockerfile sees it. */
export interface BuildContext {
  /** The folder that is sent to the builder. */
  readonly root: string;
  /** Path of the Dockerfile relative to `root`, with `/`. */
  readonly dockerfile: string;
  /** Everything that is sent, relative to `root`, sorted; folders stand before what they hold. */
  readonly entries: readonly Entry[];
}

/** One folder, file or link of a context. Sockets and devices are not part of one. */
export interface Entry {
  readonly path: string;
  readonly kind: "folder" | "file" | "link";
}

/**
 * Finds what belongs to a context. Paths are relative to the working directory. The Dockerfile is
 * always part of it, even where it is ignored: the builder needs it. Throws where the Dockerfile
 * is missing, with a hint where it probably is, and where it lies outside of the context.
 */
export function readContext(root: string, dockerfile: string): BuildContext {
  if (!existsSync(dockerfile)) {
    const inside = join(root, dockerfile);
    const hint = existsSync(inside) ? `; try setting dockerfile to "${inside}"` : "";
    throw new Error(`could not open the dockerfile at "${dockerfile}"${hint}`);
  }
  const path = relative(root, dockerfile).split(sep).join("/");
  if (path.startsWith("../")) {
    throw new Error(
      `got the dockerfile "${dockerfile}", which lies outside of the context "${root}"; ` +
        "allowed by the stand-in: one inside",
    );
  }
  // As with the real plugin, a Dockerfile of another name brings its own list.
  const name = basename(dockerfile);
  const list = join(root, name === "Dockerfile" ? ".dockerignore" : `${name}.dockerignore`);
  const ignored = readIgnore(existsSync(list) ? readFileSync(list, "utf8") : "");
  const kept = walk(root, "").filter((entry) => !ignored(entry.path));
  const present = kept.some((entry) => entry.path === path);
  const entries = present ? kept : [...kept, { path, kind: "file" } as const];
  return { root, dockerfile: path, entries };
}

// Ignored folders are walked too: an exception may bring back something in them.
function walk(root: string, folder: string): readonly Entry[] {
  const found = readdirSync(join(root, folder), { withFileTypes: true });
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  return found.flatMap((one): readonly Entry[] => {
    const path = folder === "" ? one.name : `${folder}/${one.name}`;
    if (one.isDirectory()) return [{ path, kind: "folder" }, ...walk(root, path)];
    if (one.isSymbolicLink()) return [{ path, kind: "link" }];
    return one.isFile() ? [{ path, kind: "file" }] : [];
  });
}

/**
 * A digest that changes whenever the image could: with the Dockerfile and with every file's name,
 * mode and content and every link's target, but not with times and owners.
 */
export async function digestContext(context: BuildContext): Promise<string> {
  const hash = createHash("sha256");
  hash.update(await digestFile(join(context.root, context.dockerfile)));
  for (const { path, kind } of context.entries) {
    const full = join(context.root, path);
    if (kind === "folder") continue;
    const mode = kind === "file" ? (statSync(full).mode & 0o7777).toString(8) : "link";
    const content = kind === "file" ? await digestFile(full) : readlinkSync(full);
    hash.update(`${path}\0${mode}\0${content}\0`);
  }
  return hash.digest("hex");
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
