import assert from "node:assert/strict";
import fc from "fast-check";
import type { Call } from "../../../../apps/consul-setup/src/call.ts";
import { applyGossipKey } from "../../../../apps/consul-setup/src/keyring.ts";

/** What a member has of the gossip's keys. */
interface Member {
  readonly keys: Set<string>;
  primary: string;
}

/** The members of two pools, LAN and WAN, that do as Consul tells them to. */
class FakeGossip {
  readonly pools: readonly (readonly Member[])[];
  readonly writes: string[] = [];
  /** The number of the write that fails, from 1, and how many members it reaches all the same. */
  fails: { readonly at: number; readonly reaches: number } | undefined;
  /** Members that do not hear of anything, and of which Consul does not say so. */
  deaf = 0;

  constructor(sizes: readonly number[], keys: readonly string[], primary: string) {
    const member = () => ({ keys: new Set(keys), primary });
    this.pools = sizes.map((size) => Array.from({ length: size }, member));
  }

  readonly call: Call = async (method, path, body) => {
    assert.equal(path, "/v1/operator/keyring");
    if (method === "GET") return this.pools.map((pool, index) => this.#told(pool, index === 1));
    const { Key } = body as { readonly Key: string };
    this.writes.push(`${method} ${Key}`);
    const failing = this.fails?.at === this.writes.length ? this.fails : undefined;
    const members = this.pools.flat();
    const reached = members.slice(0, failing ? failing.reaches : members.length - this.deaf);
    for (const member of reached) this.#change(member, method, Key);
    this.#requireCommonKey();
    if (failing) throw new Error("interrupted");
    return undefined;
  };

  /** Each pair of members understands each other: each has the key that the other speaks with. */
  #requireCommonKey(): void {
    for (const pool of this.pools) {
      for (const { primary } of pool) {
        assert.ok(
          pool.every(({ keys }) => keys.has(primary)),
          "members do not understand each other",
        );
      }
    }
  }

  #change(member: Member, method: string, key: string): void {
    if (method === "POST") member.keys.add(key);
    if (method === "PUT") {
      assert.ok(member.keys.has(key), "a key is used that is not installed");
      member.primary = key;
    }
    if (method === "DELETE") {
      assert.notEqual(member.primary, key, "the key in use is removed");
      member.keys.delete(key);
    }
  }

  #told(pool: readonly Member[], isWan: boolean) {
    const count = (of: readonly string[]) =>
      Object.fromEntries([...new Set(of)].map((key) => [key, of.filter((k) => k === key).length]));
    return {
      WAN: isWan,
      NumNodes: pool.length,
      Keys: count(pool.flatMap(({ keys }) => [...keys])),
      PrimaryKeys: count(pool.map(({ primary }) => primary)),
    };
  }
}

async function apply(gossip: FakeGossip, key: string): Promise<string[]> {
  const lines: string[] = [];
  await applyGossipKey(gossip.call, key, (line) => lines.push(line));
  return lines;
}

/** Whether `key` is all that every member has. */
const isOnlyKey = (gossip: FakeGossip, key: string) =>
  gossip.pools
    .flat()
    .every(({ keys, primary }) => keys.size === 1 && keys.has(key) && primary === key);

describe("the gossip key", () => {
  it("is installed, used, and only then the only one", async () => {
    const gossip = new FakeGossip([4, 3], ["old"], "old");
    assert.deepEqual(await apply(gossip, "new"), [
      "gossip key: installed",
      "gossip key: in use",
      "gossip key: an old one removed",
    ]);
    assert.deepEqual(gossip.writes, ["POST new", "PUT new", "DELETE old"]);
    assert.equal(isOnlyKey(gossip, "new"), true);
  });

  it("that is the only one already is left alone, without a single write", async () => {
    const gossip = new FakeGossip([4, 3], ["key"], "key");
    assert.deepEqual(await apply(gossip, "key"), []);
    assert.deepEqual(gossip.writes, []);
  });

  it("takes the place of several old ones", async () => {
    const gossip = new FakeGossip([2, 1], ["a", "b", "c"], "b");
    await apply(gossip, "c");
    assert.deepEqual(gossip.writes, ["PUT c", "DELETE a", "DELETE b"]);
    assert.equal(isOnlyKey(gossip, "c"), true);
  });

  it("is refused when a member has not got it, and the old one stays", async () => {
    const gossip = new FakeGossip([4, 3], ["old"], "old");
    gossip.deaf = 1;
    await assert.rejects(
      apply(gossip, "new"),
      new Error("gossip key: not installed everywhere: 4 of 4, 2 of 3"),
    );
    assert.deepEqual(gossip.writes, ["POST new"]);
  });

  it("is refused when a member does not use it, and the old one stays", async () => {
    const gossip = new FakeGossip([4, 3], ["old", "new"], "old");
    gossip.deaf = 1;
    await assert.rejects(apply(gossip, "new"), new Error("gossip key: not used by every member"));
    assert.deepEqual(gossip.writes, ["PUT new"]);
  });

  it("goes on where it was interrupted, whatever was reached, and says no key", async () => {
    const size = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(size, size, fc.nat(3), fc.nat(10), async (lan, wan, step, reaches) => {
        const gossip = new FakeGossip([lan, wan], ["old", "older"], "old");
        gossip.fails = { at: step + 1, reaches };
        await assert.rejects(apply(gossip, "new"), new Error("interrupted"));
        gossip.fails = undefined;
        for (const line of await apply(gossip, "new")) assert.doesNotMatch(line, /old[^ ]|new/);
        assert.equal(isOnlyKey(gossip, "new"), true);
        gossip.writes.length = 0;
        assert.deepEqual(await apply(gossip, "new"), []);
        assert.deepEqual(gossip.writes, []);
      }),
    );
  });
});
