import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { freePort } from "../../../apps/broker.ts";

/** What instances answer with, as the API does. */
export const PLAIN = "text/plain; charset=utf-8";

/** An instance of loopback that answers with its name, or as the test has it. */
export class Instance {
  readonly name: string;
  readonly port: number;
  readonly heard: IncomingMessage[] = [];
  /** When it heard the last one, by `performance.now()`. */
  heardAt = 0;
  answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.statusCode = 201;
    response.setHeader("content-type", PLAIN).end(this.name);
  };
  readonly #server: Server;

  private constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
    this.#server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
      this.heard.push(request);
      this.heardAt = performance.now();
      this.answer(request, response);
    });
  }

  static async start(name: string): Promise<Instance> {
    const instance = new Instance(name, await freePort());
    await new Promise<void>((resolve) => {
      instance.#server.listen(instance.port, "127.0.0.1", resolve);
    });
    return instance;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
