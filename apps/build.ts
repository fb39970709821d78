import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { version } from "../package.json";

/** Our own programs; each is a folder here and an image. */
export const apps = [
  "api",
  "worker",
  "kafka-agent",
  "network-check",
  "consul-setup",
  "edge-agent",
] as const;
export type App = (typeof apps)[number];

/** Files keep one time, as an image layer holds it: the same source gives the same layer. */
const FILE_TIME = new Date("2020-01-01T00:00:00Z");

function writeIfChanged(file: string, bytes: Uint8Array): void {
  if (!existsSync(file) || Buffer.compare(readFileSync(file), bytes) !== 0) {
    writeFileSync(file, bytes, { mode: 0o644 });
  }
  utimesSync(file, FILE_TIME, FILE_TIME);
}

/**
 * Bundles an app and returns its build context: a folder with nothing but the Dockerfile and
 * `main.cjs`. The same source and dependencies give the same bytes; files that have not changed
 * are not written. Throws with esbuild's messages when the source does not build.
 */
export function bundle(app: App): string {
  const folder = join(__dirname, app);
  const { outputFiles } = buildSync({
    absWorkingDir: join(__dirname, ".."),
    entryPoints: [join(folder, "src/main.ts")],
    bundle: true,
    minify: true,
    legalComments: "none",
    platform: "node",
    target: "node24",
    format: "cjs",
    write: false,
    logLevel: "silent",
    outfile: join(folder, "dist/main.cjs"),
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
  const context = join(folder, "dist");
  mkdirSync(context, { recursive: true });
  for (const { path, contents } of outputFiles) {
    writeIfChanged(path, contents);
  }
  writeIfChanged(join(context, "Dockerfile"), readFileSync(join(folder, "Dockerfile")));
  return context;
}

if (require.main === module) {
  for (const app of apps) {
    process.stdout.write(`${app}: ${bundle(app)}\n`);
  }
}
