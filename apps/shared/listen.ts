import type { Server as PlainServer } from "node:http";
import type { Server } from "node:https";

/** A port in service. */
export interface Listening {
  readonly port: number;
  /** Ends it, with all connections. */
  close(): Promise<void>;
}

/**
 * Has a server listen on every address of the pod.
 *
 * @param port 0 takes any free one
 * @returns rejects when the port cannot be had
 */
export function listen(server: PlainServer | Server, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address ? address.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
