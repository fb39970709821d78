import { createServer, connect as open, type Server, type Socket } from "node:net";

const GREETING = "network-check\n";
const GOODBYE = "goodbye\n";
/** Milliseconds that an attempt may take: a policy may drop packets without a word. */
const ATTEMPT_MS = 2000;

/**
 * Serves ports, the open one last: when it answers, all do.
 *
 * @param onGoodbye called when a client has said so at the open port
 * @returns what closes them all
 */
export async function serve(
  ports: { readonly open: number; readonly closed: readonly number[] },
  onGoodbye: () => void,
): Promise<() => void> {
  const servers: Server[] = [];
  for (const port of [...ports.closed, ports.open]) {
    const server = createServer((socket) => greet(socket, port === ports.open, onGoodbye));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, resolve);
    });
    servers.push(server);
  }
  return () => servers.forEach((server) => void server.close());
}

function greet(socket: Socket, isOpen: boolean, onGoodbye: () => void): void {
  // Probes hang up without a word.
  socket.on("error", () => socket.destroy());
  socket.setTimeout(ATTEMPT_MS, () => socket.destroy());
  socket.write(GREETING);
  let heard = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    heard += chunk;
    if (!isOpen || heard !== GOODBYE) return;
    socket.end(GOODBYE);
    socket.once("close", onGoodbye);
  });
}

/**
 * Whether our server is at a port. The words count, not the connection: proxies in between accept
 * what they cannot pass on.
 */
export function answers(host: string, port: number): Promise<boolean> {
  return hears(host, port, GREETING);
}

/** Tells the server at a port to end; whether it has understood. */
export function dismiss(host: string, port: number): Promise<boolean> {
  return hears(host, port, GREETING + GOODBYE, GOODBYE);
}

function hears(host: string, port: number, expected: string, say?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = open({ host, port });
    const end = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(false), ATTEMPT_MS);
    let heard = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      heard += chunk;
      if (heard === expected) end(true);
    });
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
    if (say) socket.write(say);
  });
}
