import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { jmxAgent } from "../infra/versions.ts";
import { version } from "../package.json";
import { contentOf, type Download } from "./download.ts";

/** Our own programs; each is a folder here and an image. */
export const apps = [
  "api",
  "worker",
  "kafka-agent",
  "network-check",
  "consul-setup",
  "consul-login",
  "influx-setup",
  "edge-agent",
  "migrate",
] as const;
export type App = (typeof apps)[number];

/** Files of others that an app's image has beside the app, by their names there. */
const downloads: Partial<Readonly<Record<App, Readonly<Record<string, Download>>>>> = {
  "kafka-agent": { "jmx.jar": jmxAgent },
};

/** Files keep one time, as an image layer holds it: the same source gives the same layer. */
const FILE_TIME = new Date("2020-01-01T00:00:00Z");

function writeIfChanged(file: string, bytes: Uint8Array): void {
  if (!existsSync(file) || Buffer.compare(readFileSync(file), bytes) !== 0) {
    writeFileSync(file, bytes, { mode: 0o644 });
  }
  utimesSync(file, FILE_TIME, FILE_TIME);
}

/** An app's own Dockerfile where it needs another one than all others. */
function dockerfileOf(folder: string): string {
  const own = join(folder, "Dockerfile");
  return existsSync(own) ? own : join(__dirname, "Dockerfile");
}

/** The SQL files of an app that has some. */
function sqlFilesOf(folder: string): string[] {
  const sql = join(folder, "sql");
  return existsSync(sql) ? readdirSync(sql).map((name) => join(sql, name)) : [];
}

/** `dist/main.cjs` of each app by its path. One run for all takes a third of a run for each. */
function bundled(wanted: readonly App[]): ReadonlyMap<string, Uint8Array> {
  const { outputFiles } = buildSync({
    absWorkingDir: join(__dirname, ".."),
    entryPoints: wanted.map((app) => ({
      in: join(__dirname, app, "src/main.ts"),
      out: `${app}/dist/main`,
    })),
    outdir: __dirname,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    minify: true,
    legalComments: "none",
    platform: "node",
    target: "node24",
    format: "cjs",
    write: false,
    logLevel: "silent",
    define: {
      APP_VERSION: JSON.stringify(version),
      "import.meta.url": "moduleUrl",
    },
    banner: {
      js: '"use strict";const moduleUrl=require("node:url").pathToFileURL(__filename).href;',
    },
    alias: {
      // The same module with its WebAssembly inside, so that one file is all there is.
      "@platformatic/wasm-utils": "@platformatic/wasm-utils/bundled",
      "ajv/dist/2020.js": join(__dirname, "shared/kafka/lazy-ajv.ts"),
    },
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

/** Writes an app's build context and returns its folder. */
function writeContext(app: App, main: Uint8Array): string {
  const folder = join(__dirname, app);
  const context = join(folder, "dist");
  mkdirSync(context, { recursive: true });
  const files = new Map([["main.cjs", main]]);
  files.set("Dockerfile", readFileSync(dockerfileOf(folder)));
  for (const file of sqlFilesOf(folder)) files.set(basename(file), readFileSync(file));
  for (const [name, download] of Object.entries(downloads[app] ?? {})) {
    files.set(name, contentOf(download, join(context, name)));
  }
  for (const [name, contents] of files) writeIfChanged(join(context, name), contents);
  // What a file was called before must not be in the image again.
  for (const name of readdirSync(context)) {
    if (!files.has(name)) rmSync(join(context, name), { recursive: true });
  }
  return context;
}

/**
 * Bundles apps and returns their build contexts: folders with nothing but the Dockerfile, `main.cjs`
 * and the app's SQL files and downloads. The same source and dependencies give the same bytes; files
 * that have not changed are not written. Throws with esbuild's messages when the source does not
 * build, and when a download fails.
 */
export function bundleAll(wanted: readonly App[]): ReadonlyMap<App, string> {
  const mains = bundled(wanted);
  return new Map(
    wanted.map((app) => {
      const main = mains.get(join(__dirname, app, "dist/main.cjs"));
      if (main === undefined) throw new Error(`esbuild made no bundle of ${app}`);
      return [app, writeContext(app, main)];
    }),
  );
}

/** Bundles one app and returns its build context, as `bundleAll` does. */
export function bundle(app: App): string {
  bundleAll([app]);
  return join(__dirname, app, "dist");
}

if (require.main === module) {
  for (const [app, context] of bundleAll(apps)) {
    process.stdout.write(`${app}: ${context}\n`);
  }
}
