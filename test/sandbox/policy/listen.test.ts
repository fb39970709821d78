import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ask, type Request } from "../../../sandbox/policy/ask.ts";
import { listen } from "../../../sandbox/policy/listen.ts";

describe("socket of the network policies", () => {
  let folder: string;
  let socket: string;
  let server: Server | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "listen-"));
    socket = join(folder, "policy", "socket");
  });
  afterEach(() => {
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  it("answers what was done and what was not", async () => {
    const requests: Request[] = [];
    server = await listen(socket, async (request) => {
      requests.push(request);
      if (request.command === "health") throw new Error("not yet");
    });
    const removal = { command: "delete", container: "c1" } as const;
    assert.deepEqual(await ask(socket, removal, 5), {});
    assert.deepEqual(await ask(socket, { command: "health" }, 5), { error: "not yet" });
    assert.deepEqual(requests, [removal, { command: "health" }]);
  });

  it("answers an error to what is no JSON", async () => {
    server = await listen(socket, async () => undefined);
    const text = await new Promise<string>((resolve) => {
      const connection = connect(socket, () => connection.write("{\n"));
      connection.on("data", (chunk) => resolve(String(chunk)));
    });
    assert.match(text, /^\{"error":".*JSON.*"\}\n$/);
  });

  it("lets nobody else in, and takes over what a former process has left", async () => {
    const former = await listen(socket, async () => {
      throw new Error("former");
    });
    server = await listen(socket, async () => undefined);
    assert.deepEqual(await ask(socket, { command: "health" }, 5), {});
    assert.equal(statSync(dirname(socket)).mode & 0o077, 0);
    former.close();
  });

  it("fails where nobody listens, nobody answers, or an answer breaks off", async () => {
    await assert.rejects(ask(socket, { command: "health" }, 5), { code: "ENOENT" });
    const silent = join(folder, "silent");
    server = createServer(() => undefined).listen(silent);
    await assert.rejects(ask(silent, { command: "health" }, 0.02), {
      message: `no answer at ${silent} within 0.02 s`,
    });
    const broken = join(folder, "broken");
    const other = createServer((connection) => connection.end('{"er')).listen(broken);
    await assert.rejects(ask(broken, { command: "health" }, 5), {
      message: `the answer at ${broken} broke off`,
    });
    other.close();
  });
});
