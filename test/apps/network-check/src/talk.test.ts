import assert from "node:assert/strict";
import { createServer } from "node:net";
import { answers, dismiss, serve } from "../../../../apps/network-check/src/talk.ts";
import { until } from "../../../until.ts";
import { freePort } from "../../broker.ts";

const HOST = "127.0.0.1";

describe("client and server of the network check", () => {
  let close: () => void = () => undefined;
  afterEach(() => close());

  async function start() {
    const ports = { open: await freePort(), closed: [await freePort()] };
    let goodbyes = 0;
    close = await serve(ports, () => goodbyes++);
    const [closed = 0] = ports.closed;
    return { open: ports.open, closed, goodbyes: () => goodbyes };
  }

  it("meet at every port", async () => {
    const { open, closed } = await start();
    assert.deepEqual([await answers(HOST, open), await answers(HOST, closed)], [true, true]);
  });

  it("part by a goodbye at the open port, once", async () => {
    const { open, goodbyes } = await start();
    assert.equal(await dismiss(HOST, open), true);
    await until("the goodbye", 2, () => goodbyes() === 1);
  });

  it("do not part at a closed port, nor by a visit without a word", async () => {
    const { open, closed, goodbyes } = await start();
    assert.equal(await dismiss(HOST, closed), false);
    assert.equal(await answers(HOST, open), true);
    assert.equal(goodbyes(), 0);
  });

  it("do not meet where nobody listens, nor where somebody else does", async () => {
    assert.equal(await answers(HOST, await freePort()), false);
    const port = await freePort();
    const other = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => other.listen(port, resolve));
    close = () => other.close();
    assert.deepEqual([await answers(HOST, port), await dismiss(HOST, port)], [false, false]);
  });
});
