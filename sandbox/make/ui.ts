import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Outputs } from "./outputs.ts";
import type { Session } from "./session.ts";

const certificate = z.object({ keyPem: z.string(), certPem: z.string(), caPem: z.string() });

/** What is needed of the outputs; an interface is a URL, whose host begins `<service>.<namespace>.`. */
const needed = z.object({
  context: z.string(),
  operator: certificate,
  interfaces: z.record(z.string(), z.url()),
  logins: z.record(z.string(), z.unknown()).default({}),
});

/** Where a proxy sends what it is asked, and as whom. */
export interface Upstream {
  readonly port: number;
  readonly host: string;
  readonly tls: Readonly<z.infer<typeof certificate>>;
}

/**
 * Answers on a port of this machine's loopback alone, for browsers that hold no certificate of ours:
 * whatever is asked is passed on over TLS with the operator's. Requests under another name than this
 * machine's are refused, so that no web page can ask by a name that leads here.
 *
 * @param on port; 0 takes any
 */
export function startProxy({ port, host, tls }: Upstream, on = 0): Promise<Server> {
  const { keyPem: key, certPem: cert, caPem: ca } = tls;
  const agent = new Agent({ keepAlive: true, key, cert, ca, servername: host });
  const answer = (asked: IncomingMessage, response: ServerResponse): void => {
    const fail = (status: number, text: string): void => {
      if (!response.headersSent) response.writeHead(status, { "content-type": "text/plain" });
      response.end(`${text}\n`);
    };
    const name = (asked.headers.host ?? "").replace(/:\d+$/, "");
    if (name !== "localhost" && name !== "127.0.0.1") {
      fail(421, `asked for ${name}; allowed: localhost, 127.0.0.1`);
      return;
    }
    const { url: path, method, headers } = asked;
    const options = { agent, host: "127.0.0.1", port, path, method };
    const passed = request({ ...options, headers: { ...headers, host } }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    });
    passed.on("error", ({ message }) => fail(502, `no answer from ${host}: ${message}`));
    asked.pipe(passed);
  };
  const server = createServer(answer);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(on, "127.0.0.1", () => resolve(server));
  });
}

/**
 * Brings an app's web interface to this machine until it is interrupted, and prints its address.
 *
 * @param outputs the stack's, secrets shown
 * @throws Error when there is no such interface, or the stack is not up
 */
export async function ui(
  session: Session,
  outputs: Outputs,
  app: string,
  port: string | undefined,
): Promise<number> {
  const { data } = needed.safeParse(outputs);
  if (!data) throw new Error("the stack is not up; run `make up`");
  const { context, operator: tls, interfaces, logins } = data;
  const found = Object.hasOwn(interfaces, app) ? interfaces[app] : undefined;
  if (found === undefined) {
    const allowed = Object.keys(interfaces).join(", ");
    throw new Error(`${JSON.stringify(app)} has no web interface; allowed: ${allowed}`);
  }
  const { hostname: host, port: behind, pathname: path } = new URL(found);
  const [service, namespace = ""] = host.split(".");
  // A URL leaves out the port that its scheme has anyway.
  const target = [`service/${service}`, `:${behind || 443}`];
  const args = ["--context", context, "-n", namespace, "port-forward", ...target];
  const child = spawn("kubectl", args, {
    env: session.environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 130)));
  const forwarded = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [, local] = /127\.0\.0\.1:(\d+) ->/.exec(text) ?? [];
      if (local) resolve(Number(local));
    });
    ended.then((code) => reject(new Error(`kubectl port-forward ended with ${code}`)));
  });
  const proxy = await startProxy({ port: forwarded, host, tls }, Number(port ?? 0));
  console.log(`http://localhost:${(proxy.address() as AddressInfo).port}${path}`);
  const login = Object.hasOwn(logins, app) ? `log in with: make -s login app=${app}; ` : "";
  console.log(`${login}ctrl-C ends it`);
  const code = await ended;
  proxy.close();
  proxy.closeAllConnections();
  return code;
}
