import { createConnection } from "node:net";

/** Sends bytes to a port of loopback and hands out all that comes back until the server closes. */
export function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1");
    let received = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      received += chunk;
    });
    socket.on("close", () => resolve(received)).on("error", reject);
    socket.write(request, "latin1");
  });
}
