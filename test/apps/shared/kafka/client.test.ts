import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { clientOptions, decompress, describeError } from "../../../../apps/shared/kafka/client.ts";

describe("the description of an error", () => {
  it("is its innermost causes, each once, in one line", () => {
    const refused = new Error("connect ECONNREFUSED");
    const wrapped = new Error("connection failed", { cause: refused });
    const both = new AggregateError([wrapped, refused, new Error("timed out")], "all failed");
    assert.equal(describeError(wrapped), "connect ECONNREFUSED");
    assert.equal(
      describeError(new Error("outer", { cause: both })),
      "connect ECONNREFUSED; timed out",
    );
    assert.equal(describeError(new AggregateError([], "all failed")), "all failed");
    assert.equal(describeError(new TypeError()), "TypeError");
    assert.equal(describeError("text"), "text");
  });
});

describe("the options of the client", () => {
  const settings = { brokers: ["a:1"], tls: undefined, clientId: "test" };

  it("wait no longer for a connection than for an answer", () => {
    assert.equal(clientOptions(settings, 1000).connectTimeout, 1000);
    assert.equal(clientOptions(settings, 15_000).connectTimeout, 3000);
    assert.equal(clientOptions(settings, 1000).tls, undefined);
  });

  it("read the files of TLS anew for each connection, so that renewed ones are used", () => {
    const folder = mkdtempSync(join(tmpdir(), "client-"));
    const [caFile, certFile, keyFile] = ["ca", "cert", "key"].map((name) => join(folder, name));
    const files = { caFile: `${caFile}`, certFile: `${certFile}`, keyFile: `${keyFile}` };
    const write = (text: string): void => {
      for (const file of Object.values(files)) writeFileSync(file, text);
    };
    try {
      const { tls } = clientOptions({ ...settings, tls: files }, 1000);
      for (const text of ["old", "renewed"]) {
        write(text);
        const bytes = Buffer.from(text);
        const expected = { ca: bytes, cert: bytes, key: bytes, minVersion: "TLSv1.2" };
        assert.deepEqual({ ...tls }, expected);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the records of other producers", () => {
  it("are decompressed", () => {
    assert.deepEqual(decompress(1, gzipSync("text")), Buffer.from("text"));
  });

  it("fail on an algorithm that Kafka does not have", () => {
    assert.throws(() => decompress(5, Buffer.alloc(0)), {
      message: "unknown compression 5 of a record batch, allowed: 1 to 4",
    });
  });
});
