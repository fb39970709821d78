import * as pulumi from "@pulumi/pulumi";

/** The oldest major version of Node.js that the program runs on. */
const oldestNode = 24;

/**
 * Stops with one clear line where Node.js is too old, before anything else is loaded.
 *
 * @param version as in `process.versions.node`
 * @throws pulumi.RunError
 */
export function requireNode(version: string): void {
  if (Number.parseInt(version, 10) >= oldestNode) return;
  throw new pulumi.RunError(
    `this program needs Node.js ${oldestNode} or newer, got ${version}; use \`make up\`, which brings ` +
      "its own, or put node_modules/.bin first on PATH",
  );
}

type Prepare = NonNullable<typeof Error.prepareStackTrace>;

/**
 * What makes the text of a stack, with an empty one for those that the SDK takes of every promise
 * behind an output and shows only under PULUMI_DEBUG_PROMISE_LEAKS. Finding their places in the
 * TypeScript took a quarter of the time of this program in a plan of 289 resources.
 *
 * @param prepare what makes all the others, unchanged
 */
export function sparingly(prepare: Prepare): Prepare {
  return (error, frames) =>
    frames[0]?.getFileName()?.endsWith("/runtime/debuggable.js") ? "" : prepare(error, frames);
}

/**
 * Ends the program when nobody reads what it says any more: Pulumi was killed. The SDK would tell
 * the engine that it cannot write, find no engine, and want to write that, without end, with more
 * and more memory.
 */
function endUnread(): void {
  for (const output of [process.stdout, process.stderr]) output.on("error", () => process.exit(1));
}

requireNode(process.versions.node);
endUnread();
if (Error.prepareStackTrace && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  Error.prepareStackTrace = sparingly(Error.prepareStackTrace);
}
