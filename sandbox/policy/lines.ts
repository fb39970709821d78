import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { IdentityFiles } from "../certificates.ts";
import { lineSplitter } from "../run.ts";
import { messageOf } from "../wait.ts";

/** An answer that comes line by line, for as long as it lasts. */
export interface LinesOptions {
  /** Who asks. */
  readonly files: IdentityFiles;
  /** Milliseconds without a word after which the connection counts as broken. */
  readonly silence: number;
  /** Ends the connection. */
  readonly signal: AbortSignal;
  /** Called when the answer begins. */
  readonly onOpen: () => void;
  readonly onLine: (line: string) => void;
}

/**
 * GETs a URL and hands on each line of the answer; resolves when the server has ended it. Rejects on
 * any answer but 200, on a connection that breaks, and with what `onLine` throws.
 */
export function getLines(url: string, options: LinesOptions): Promise<void> {
  const { files, silence, signal, onOpen, onLine } = options;
  const settings = {
    ca: readFileSync(files.authority),
    cert: readFileSync(files.certificate),
    key: readFileSync(files.key),
    timeout: silence,
    agent: false as const,
    signal,
  };
  return new Promise((resolve, reject) => {
    const call = request(url, settings, (answer) => {
      if (answer.statusCode !== 200) {
        call.destroy(new Error(`the answer is ${answer.statusCode}`));
        return;
      }
      onOpen();
      const feed = lineSplitter(onLine);
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        try {
          feed(chunk);
        } catch (error) {
          call.destroy(new Error(messageOf(error)));
        }
      });
      answer.on("error", reject);
      answer.on("end", resolve);
    });
    call.on("timeout", () => call.destroy(new Error(`no word within ${silence / 1000} s`)));
    call.on("error", reject);
    call.end();
  });
}
