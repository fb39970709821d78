import assert from "node:assert/strict";
import { type Live, requireLive, Scratch, tell } from "../../harness.ts";

describe("random plugin: secrets from creation to deletion", function () {
  this.timeout(300_000);
  let live: Live;
  let scratch: Scratch;

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-random", live);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const program = (turn: string) => `
    const random = require("@pulumi/random");
    const keepers = { turn: "${turn}" };
    const password = new random.RandomPassword("password", { length: 24, keepers });
    const bytes = new random.RandomBytes("bytes", { length: 32, keepers });
    const id = new random.RandomId("id", { byteLength: 4, prefix: "p-" });
    new random.RandomString("string", { length: 8, special: false, keepers: { id: id.hex } });
    new random.RandomUuid("uuid", {});
    new random.RandomInteger("integer", { min: 1, max: 6 });
    exports.password = password.result;
    exports.hash = password.bcryptHash;
    exports.bytes = bytes.hex;
    exports.id = id.hex;
    ${tell}`;

  it("plans without knowing anything yet, then makes what it planned", async () => {
    await scratch.write(program("1"));
    const plan = await scratch.preview();
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    assert.deepEqual(plan.changes, { create: 7 });
    assert.deepEqual((await scratch.apply(program("1"))).changes, { create: 7 });
  });

  it("finds nothing to do, and no drift", async () => {
    const again = await scratch.up("--expect-no-changes");
    assert.deepEqual(again.changes, { same: 7 });
    const refreshed = await scratch.refresh("--expect-no-changes");
    assert.equal(refreshed.code, 0, refreshed.stdout);
  });

  it("keeps secrets out of the state and the output", async () => {
    const { password, hash, bytes, id } = scratch.told();
    const exported = await scratch.export();
    const shown = await scratch.up();
    for (const text of [exported, shown.stdout + shown.stderr]) {
      assert.ok(!text.includes(String(password)), "password in clear");
      assert.ok(!text.includes(String(hash)), "hash in clear");
      assert.ok(!text.includes(String(bytes)), "bytes in clear");
    }
    assert.ok(exported.includes(String(id)), "what is no secret stays readable");
  });

  it("replaces what a changed keeper asks for, and nothing else", async () => {
    const before = scratch.told();
    const result = await scratch.apply(program("2"));
    assert.deepEqual(result.changes, { replace: 2, same: 5 });
    const now = scratch.told();
    assert.notEqual(now.password, before.password);
    assert.notEqual(now.bytes, before.bytes);
    assert.equal(now.id, before.id);
  });

  it("fails before anything is made when an input is bad", async () => {
    await scratch.write(`
      const random = require("@pulumi/random");
      new random.RandomPassword("bad", { length: 2, minLower: 3 });`);
    const { code, stdout } = await scratch.preview();
    assert.notEqual(code, 0);
    assert.match(stdout, /got 2; allowed: at least 1 and at least the sum of .*, which is 3/);
  });
});
