import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readJvm } from "../../../../apps/kafka-agent/src/jvm.ts";

describe("the metrics of a broker's JVM", () => {
  let server: Server;
  let url: string;
  let status: number;

  beforeEach(async () => {
    status = 200;
    server = createServer((_request, response) => response.writeHead(status).end("heap 1\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("are passed on as they are", async () => assert.equal(await readJvm(url), "heap 1\n"));

  it("fail to be had when they are answered with anything but 200", async () => {
    status = 503;
    const message = `GET ${url} was answered 503, expected 200`;
    await assert.rejects(readJvm(url), { message });
  });

  it("fail to be had while nothing is there", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(readJvm(url), { message: "fetch failed" });
  });
});
