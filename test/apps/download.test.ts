import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentOf } from "../../apps/download.ts";

/** Says its port, serves /jar, fails the first two times that /flaky is asked for. */
const SERVER = `
  let asked = 0;
  require("node:http").createServer((request, response) => {
    if (request.url === "/flaky") asked += 1;
    const fine = request.url === "/jar" || (request.url === "/flaky" && asked > 2);
    response.writeHead(fine ? 200 : 503).end(fine ? Buffer.from([0, 255, 10]) : "");
  }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

const content = Buffer.from([0, 255, 10]);
const sha256 = createHash("sha256").update(content).digest("hex");

describe("a download", () => {
  let server: ChildProcess;
  let origin: string;
  let folder: string;
  let file: string;

  before(async () => {
    // Of its own: this process is busy while it waits for the answer.
    server = spawn(process.execPath, ["--eval", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = server.stdout ? await once(server.stdout, "data") : [];
    origin = `http://127.0.0.1:${String(port).trim()}`;
  });
  after(() => server.kill());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "download-"));
    file = join(folder, "jmx.jar");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is what the URL has", () => {
    assert.deepEqual(contentOf({ url: `${origin}/jar`, sha256 }, file), content);
  });

  it("is not made again where the right file is there", () => {
    writeFileSync(file, content);
    assert.deepEqual(contentOf({ url: `${origin}/none`, sha256 }, file), content);
  });

  it("takes the place of another file", () => {
    writeFileSync(file, "old");
    assert.deepEqual(contentOf({ url: `${origin}/jar`, sha256 }, file), content);
  });

  it("is tried three times", () => {
    assert.deepEqual(contentOf({ url: `${origin}/flaky`, sha256 }, file), content);
  });

  it("fails when nobody has it, and says why", () => {
    const url = `${origin}/none`;
    assert.throws(() => contentOf({ url, sha256 }, file), {
      message: `${url} cannot be downloaded: answered 503`,
    });
    assert.throws(() => contentOf({ url: "http://127.0.0.1:9/jar", sha256 }, file), {
      message: "http://127.0.0.1:9/jar cannot be downloaded: bad port",
    });
  });

  it("fails when it is another file", () => {
    const url = `${origin}/jar`;
    const wanted = "0".repeat(64);
    assert.throws(() => contentOf({ url, sha256: wanted }, file), {
      message: `${url}: got a file with the SHA-256 ${sha256}, expected is ${wanted}`,
    });
  });
});
