import { connect } from "node:net";
import type { Binding } from "./bindings.ts";

/** What the process that keeps the rules is asked for. */
export type Request =
  /** Answered when the rules of the pod stand. */
  | { readonly command: "add"; readonly binding: Binding }
  | { readonly command: "check"; readonly container: string; readonly address: string }
  | { readonly command: "delete"; readonly container: string }
  /** Answered with what is wrong with the rules as a whole. */
  | { readonly command: "health" };

/** An error's message, or nothing: it has been done. */
export interface Answer {
  readonly error?: string;
}

/**
 * Asks the process that listens on `socket`: one line there, one line back. Rejects where nobody
 * listens or no answer comes within `seconds`; resolves with the error where it answers one.
 */
export function ask(socket: string, request: Request, seconds: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let text = "";
    connection.setEncoding("utf8");
    connection.setTimeout(seconds * 1000, () =>
      connection.destroy(new Error(`no answer at ${socket} within ${seconds} s`)),
    );
    connection.on("data", (chunk: string) => {
      text += chunk;
    });
    connection.on("error", reject);
    connection.on("end", () => {
      connection.destroy();
      if (text.endsWith("\n")) resolve(JSON.parse(text) as Answer);
      else reject(new Error(`the answer at ${socket} broke off`));
    });
    connection.write(`${JSON.stringify(request)}\n`);
  });
}
