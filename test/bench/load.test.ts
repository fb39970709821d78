import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "../apps/certificates.ts";
import { runLoad } from "./load.ts";

const requests = { connections: 4, seconds: 0.2, method: "GET", target: () => "/" } as const;

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

describe("load", () => {
  const folder = mkdtempSync(join(tmpdir(), "load-"));
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  async function startTls(listener: RequestListener) {
    const { server } = makeCertificates(folder);
    const [ca, cert, key] = [server.caFile, server.certFile, server.keyFile].map((file) =>
      readFileSync(file, "utf8"),
    );
    const created = createTlsServer({ cert, key }, listener);
    servers.push(created);
    return { ca: ca ?? "", port: await listen(created, "127.0.0.1") };
  }

  it("goes over TLS, on connections that are kept", async () => {
    let heard = 0;
    const ports = new Set<number | undefined>();
    const { ca, port } = await startTls((request, response) => {
      heard++;
      ports.add(request.socket.remotePort);
      response.end("ok");
    });
    const result = await runLoad({ ...requests, host: "127.0.0.1", port, tls: { ca } });
    assert.deepEqual([...result.statuses], [[200, heard]]);
    assert.ok(heard > requests.connections, `${heard} requests`);
    assert.equal(ports.size, requests.connections);
    assert.ok(result.p50 <= result.p99, `p50 ${result.p50} ms, p99 ${result.p99} ms`);
  });

  it("sends nothing to a server of another authority", async () => {
    let heard = 0;
    const { port } = await startTls((_request, response) => {
      heard++;
      response.end();
    });
    const other = await startTls((_request, response) => response.end());
    const result = await runLoad({ ...requests, host: "127.0.0.1", port, tls: { ca: other.ca } });
    assert.deepEqual([...result.statuses.keys()], [0]);
    assert.equal(heard, 0);
  });

  it("spreads its connections evenly over several hosts", async () => {
    const ports = new Map<string | undefined, Set<number | undefined>>();
    const server = createServer((request, response) => {
      const { localAddress, remotePort } = request.socket;
      ports.set(localAddress, (ports.get(localAddress) ?? new Set()).add(remotePort));
      response.end();
    });
    servers.push(server);
    const port = await listen(server, "0.0.0.0");
    await runLoad({ ...requests, host: ["127.0.0.1", "127.0.0.2"], port });
    const counts = [...ports].map(([address, from]) => [address, from.size]).sort();
    assert.deepEqual(counts, [
      ["127.0.0.1", 2],
      ["127.0.0.2", 2],
    ]);
  });
});
