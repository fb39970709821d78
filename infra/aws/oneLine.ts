import * as pulumi from "@pulumi/pulumi";

/**
 * What a function of AWS gives; where that fails, one line for people in place of what plugin and
 * engine wrap around it. A run that ends for another reason, which has been told, is left to end.
 *
 * @param asked a call of a function of the plugin
 * @param lineOf the line, of what AWS or the plugin says
 * @throws pulumi.RunError with that line, by the promise
 */
export function inOneLine<T>(asked: Promise<T>, lineOf: (said: string) => string): Promise<T> {
  return asked.catch((cause: unknown) => {
    // With a code it comes from the connection to the engine, which is going away.
    if (!(cause instanceof Error) || "code" in cause) throw cause;
    throw new pulumi.RunError(lineOf(unwrap(cause.message)));
  });
}

/**
 * As in `invocation of f returned an error: invoking f: 1 error occurred:\n\t* no such zone\n\n`: the
 * engine's words, the bridge's, those of its list of errors, and only then what it is about.
 */
function unwrap(message: string): string {
  return message
    .replace(/^invocation of \S+ returned an error: /, "")
    .replace(/^invoking \S+: /, "")
    .replace(/^\d+ errors? occurred:/, "")
    .replaceAll(/\n\s*\* /g, "; ")
    .replaceAll(/\s+/g, " ")
    .replace(/^; /, "")
    .trim();
}
