import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { DescriptorPrinter, renderLines } from "../../../../apps/worker/src/printer.ts";

describe("the lines of a partition", () => {
  it("are as the contract says, byte for byte", () => {
    const messages = [
      { offset: 0, text: Buffer.from("hello wörld") },
      { offset: 9_007_199_254_740_991, text: Buffer.alloc(0) },
    ];
    assert.deepEqual(
      renderLines("web-greetings", 3, messages),
      Buffer.from(
        "Topic: web-greetings Partition: 3 Offset: 0 \u2013 hello wörld\n" +
          "Topic: web-greetings Partition: 3 Offset: 9007199254740991 \u2013 \n",
      ),
    );
  });

  it("keep the text as it is", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, offset) => {
        const text = Buffer.from(bytes);
        const prefix = Buffer.from(`Topic: t Partition: 0 Offset: ${offset} \u2013 `);
        const expected = Buffer.concat([prefix, text, Buffer.from("\n")]);
        assert.deepEqual(renderLines("t", 0, [{ offset, text }]), expected);
      }),
    );
  });
});

describe("the printer", () => {
  it("writes each piece whole and in order, though the reader takes little at a time", async () => {
    const taken: string[] = [];
    let refusals = 2;
    const printer = new DescriptorPrinter(1, (_fd, bytes, offset, length, done) => {
      if (refusals-- > 0) {
        done(Object.assign(new Error("full"), { code: "EAGAIN" }), 0);
        return;
      }
      const some = Math.min(length, 3);
      taken.push(bytes.toString("latin1", offset, offset + some));
      setImmediate(done, null, some);
    });
    await Promise.all([printer.print(Buffer.from("0123456789")), printer.print(Buffer.from("ab"))]);
    assert.equal(taken.join(""), "0123456789ab");
  });

  it("rejects when nobody reads any more, and never says that it printed what came after", async () => {
    const printer = new DescriptorPrinter(1, (_fd, _bytes, _offset, _length, done) => {
      done(Object.assign(new Error("EPIPE: broken pipe"), { code: "EPIPE", syscall: "write" }), 0);
    });
    await assert.rejects(printer.print(Buffer.from("a")), { code: "EPIPE" });
    await assert.rejects(printer.print(Buffer.from("b")), { code: "EPIPE" });
  });

  it("writes to a real file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "web-greetings-printer-"));
    const file = openSync(join(folder, "out"), "w");
    await new DescriptorPrinter(file).print(Buffer.from("Running!\n"));
    closeSync(file);
    assert.equal(readFileSync(join(folder, "out"), "utf8"), "Running!\n");
    rmSync(folder, { recursive: true });
  });
});
