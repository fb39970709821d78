import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { takeLock } from "../../sandbox/lock.ts";

/** A folder's name is all that the lock looks at: one of its own for each test. */
const folder = (name: string) => `/nowhere/${process.pid}/${name}`;
const unexpected = (holder: string) => assert.fail(`waited for ${holder}`);

describe("lock", () => {
  it("is free again after release", async () => {
    for (let round = 0; round < 3; round += 1) {
      const lock = await takeLock(folder("release"), "up", unexpected);
      await lock.release();
    }
  });

  it("lets the second wait and tells it who holds the lock", async () => {
    const first = await takeLock(folder("second"), "up", unexpected);
    const order: string[] = [];
    let tell = (_holder: string): void => {};
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const taken = takeLock(folder("second"), "down", (holder) => tell(holder)).then((lock) => {
      order.push("taken");
      return lock.release();
    });
    assert.equal(await told, `up, process ${process.pid}`);
    order.push("released");
    await first.release();
    await taken;
    assert.deepEqual(order, ["released", "taken"]);
  });

  it("is another lock for another folder", async () => {
    const one = await takeLock(folder("one"), "up", unexpected);
    const other = await takeLock(folder("other"), "up", unexpected);
    await Promise.all([one.release(), other.release()]);
  });

  it("is given to one at a time", async () => {
    let inside = 0;
    const work = async (): Promise<void> => {
      const lock = await takeLock(folder("many"), "up", () => {});
      inside += 1;
      assert.equal(inside, 1);
      await new Promise(setImmediate);
      inside -= 1;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 8 }, work));
  });

  it("is freed by the death of its holder", async () => {
    const file = resolve(__dirname, "../../sandbox/lock.ts");
    const script = `
      const { takeLock } = require(${JSON.stringify(file)});
      takeLock(${JSON.stringify(folder("killed"))}, "up", () => {}).then(() => console.log("held"));`;
    const holder = spawn(process.execPath, ["--import", "tsx", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    let waits = (): void => {};
    const waited = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const taken = takeLock(folder("killed"), "up", () => waits());
    await waited;
    holder.kill("SIGKILL");
    await (await taken).release();
  });
});
