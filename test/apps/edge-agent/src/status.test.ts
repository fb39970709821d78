import assert from "node:assert/strict";
import { createServer } from "node:http";
import {
  type Counts,
  exportStatus,
  parseStatus,
  readStatus,
} from "../../../../apps/edge-agent/src/status.ts";
import { Registry } from "../../../../apps/shared/metrics-server.ts";
import { freePort } from "../../broker.ts";

const page =
  "Active connections: 3 \nserver accepts handled requests\n 11 10 57 \n" +
  "Reading: 0 Writing: 1 Waiting: 2 \n";
const counts: Counts = {
  accepted: 11,
  handled: 10,
  requests: 57,
  reading: 0,
  writing: 1,
  waiting: 2,
};

async function values(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split("\n").filter((line) => line && !line.startsWith("#"));
}

describe("nginx's counts", () => {
  it("are read from its page", () => assert.deepEqual(parseStatus(page), counts));

  for (const other of ["", "<html>", page.slice(0, 60), `${page}more`]) {
    it(`fail to be read from ${JSON.stringify(other.slice(0, 20))}`, () => {
      assert.throws(() => parseStatus(other), {
        message: `nginx's counts are not what they were: ${JSON.stringify(other.slice(0, 100))}`,
      });
    });
  }

  it("are metrics, all out of one answer", async () => {
    const registry = new Registry();
    let asked = 0;
    exportStatus(async () => {
      asked++;
      return counts;
    }, registry);
    const expected = [
      "nginx_up 1",
      'nginx_connections{state="reading"} 0',
      'nginx_connections{state="writing"} 1',
      'nginx_connections{state="waiting"} 2',
      "nginx_connections_accepted_total 11",
      "nginx_connections_handled_total 10",
      "nginx_http_requests_total 57",
    ];
    assert.deepEqual(await values(registry), expected);
    assert.equal(asked, 1);
    assert.deepEqual(await values(registry), expected);
    assert.equal(asked, 2);
  });

  it("stay as they were while nginx does not answer, which is said", async () => {
    const registry = new Registry();
    let answers = true;
    const read = async () => {
      if (answers) return counts;
      throw new Error("refused");
    };
    exportStatus(read, registry);
    const before = await values(registry);
    answers = false;
    assert.deepEqual(await values(registry), ["nginx_up 0", ...before.slice(1)]);
    answers = true;
    assert.deepEqual(await values(registry), before);
  });

  it("come over HTTP, and not from an nginx that is not there", async () => {
    const server = createServer((_request, response) => response.end(page));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${port}/status`;
    assert.deepEqual(await readStatus(url), counts);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(readStatus(url), { message: "fetch failed" });
  });
});
