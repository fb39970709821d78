import { build } from "esbuild";

/**
 * One of the sandbox's own programs with all that it imports, as one file for Node.js.
 *
 * @param entry path of its main file
 * @throws Error where it cannot be built
 */
export async function bundleProgram(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    keepNames: true,
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`esbuild made no bundle of ${entry}`);
  return output.text;
}
