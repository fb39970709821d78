import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bundle } from "../../../../apps/build.ts";
import { dismiss } from "../../../../apps/network-check/src/talk.ts";
import { until } from "../../../until.ts";
import { freePort } from "../../broker.ts";

/** Runs the bundle; `ended` is its exit code once it has one, `text` what it has printed. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const file = join(bundle("network-check"), "main.cjs");
  const child = spawn(process.execPath, [file, ...args], { env });
  const run = { child, text: "", ended: undefined as number | null | undefined };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      run.text += chunk;
    });
  }
  child.on("close", (code) => {
    run.ended = code;
  });
  return run;
}

async function startServer() {
  const [open, closed] = [await freePort(), await freePort()];
  const run = start(["serve"], { OPEN_PORT: `${open}`, CLOSED_PORTS: `${closed}` });
  await until("it serves", 10, () => run.text === `serving ${open}, ${closed}\n`);
  return { run, open };
}

describe("the network check's program", () => {
  it("serves until it is dismissed, and ends well", async () => {
    const { run, open } = await startServer();
    assert.equal(await dismiss("127.0.0.1", open), true);
    await until("it has ended", 5, () => run.ended !== undefined);
    assert.equal(run.ended, 0);
    assert.match(run.text, /\ndismissed\n$/);
  });

  it("stops at once when it is told to, and ends well", async () => {
    const { run } = await startServer();
    run.child.kill("SIGTERM");
    await until("it has ended", 5, () => run.ended !== undefined);
    assert.equal(run.ended, 0);
    assert.match(run.text, /\nstopped\n$/);
  });

  const refused: [string, readonly string[], Record<string, string>, number, string][] = [
    ["no command", [], {}, 2, 'unknown command "", allowed: serve, try <host>\n'],
    ["no host to try", ["try"], {}, 2, 'unknown command "try", allowed: serve, try <host>\n'],
    [
      "ports that are none",
      ["serve"],
      { CLOSED_PORTS: "8081,x" },
      1,
      "setting OPEN_PORT: missing, but required\n" +
        'setting CLOSED_PORTS: got "8081,x", allowed: a whole number from 1 to 65535\n',
    ],
  ];
  for (const [name, args, env, code, text] of refused) {
    it(`fails with ${name}`, async () => {
      const run = start(args, env);
      await until("it has ended", 10, () => run.ended !== undefined);
      assert.deepEqual([run.ended, run.text], [code, text]);
    });
  }
});
