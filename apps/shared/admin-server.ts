import { createServer } from "node:http";
import { type Listening, listen } from "./listen.ts";

/** A state to report: the reason why not, or undefined when all is well. */
export type Check = () => string | undefined;

/** What the admin port answers with. */
export interface AdminOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly live: Check;
  readonly ready: Check;
}

const PLAIN = "text/plain; charset=utf-8";

function answer(url: string, { live, ready }: AdminOptions): [number, string] {
  if (url === "/livez" || url === "/readyz") {
    const reason = url === "/livez" ? live() : ready();
    return reason === undefined ? [200, "ok\n"] : [503, `${reason}\n`];
  }
  return [404, "allowed: /livez, /readyz\n"];
}

/**
 * Serves `/livez` and `/readyz` (200 `ok`, or 503 and the reason) on a port of its own, which keeps
 * them off the public one. In the clear, since the kubelet shows no certificate: nothing else is
 * told here. Rejects when the port cannot be had.
 */
export function startAdminServer(options: AdminOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? "/", options);
    response.writeHead(status, { "content-type": PLAIN }).end(body);
  });
  return listen(server, options.port);
}
