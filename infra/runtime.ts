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

requireNode(process.versions.node);
