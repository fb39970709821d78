import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { lineSplitter } from "../run.ts";
import { messageOf } from "../wait.ts";
import type { Answer, Request } from "./ask.ts";

/**
 * Answers requests on a socket that only its owner may use, each with what `handle` throws or with
 * an empty answer. A socket that a former process has left is taken over.
 */
export async function listen(
  socket: string,
  handle: (request: Request) => Promise<void>,
): Promise<Server> {
  const server = createServer((connection) => {
    const answer = (text: Answer) => connection.end(`${JSON.stringify(text)}\n`);
    // Whoever has asked may be gone.
    connection.on("error", () => undefined);
    connection.setEncoding("utf8");
    const onLine = lineSplitter((line) => {
      Promise.resolve(line)
        .then((text) => handle(JSON.parse(text) as Request))
        .then(
          () => answer({}),
          (error: unknown) => answer({ error: messageOf(error) }),
        );
    });
    connection.on("data", onLine);
  });
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  return server;
}
