import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import {
  type Migration,
  orderMigrations,
  pendingOf,
  readMigrations,
} from "../../../../apps/migrate/src/files.ts";

const three = { "0001-a.sql": "select 1", "0002-b-c.sql": "select 2", "0003-d.sql": "select 3" };
const [one, two, last] = orderMigrations(three) as [Migration, Migration, Migration];
const refused = (message: string) => ({ message });

describe("migrations", () => {
  it("are in the order of their numbers, each with the hash of its bytes", () => {
    const files = orderMigrations({ "0002-b.sql": "two", "0001-a.sql": "one" });
    assert.deepEqual(files, [
      { version: 1, name: "0001-a.sql", sql: "one", checksum: hash("one") },
      { version: 2, name: "0002-b.sql", sql: "two", checksum: hash("two") },
    ]);
  });

  it("are refused by name, number and content", () => {
    const names = "not a name of a migration; allowed: such as 0001-first-tables.sql";
    for (const [files, message] of [
      [{ "1-a.sql": "x" }, `1-a.sql: ${names}`],
      [{ "0001-A.sql": "x" }, `0001-A.sql: ${names}`],
      [{ "0001.sql": "x" }, `0001.sql: ${names}`],
      [
        { "0001-a.sql": "x", "0003-b.sql": "x" },
        "0003-b.sql: got number 0003; allowed: 0002, each number once, no gap",
      ],
      [
        { "0001-a.sql": "x", "0001-b.sql": "x" },
        "0001-b.sql: got number 0001; allowed: 0002, each number once, no gap",
      ],
      [
        { "0000-a.sql": "x" },
        "0000-a.sql: got number 0000; allowed: 0001, each number once, no gap",
      ],
      [{ "0001-a.sql": " \n" }, "0001-a.sql: empty; allowed: at least one statement"],
    ] as const) {
      assert.throws(() => orderMigrations(files), refused(message));
    }
  });

  it("in our own folder are in order, and there is at least one", () => {
    const own = readMigrations(resolve(__dirname, "../../../../apps/migrate/sql"));
    assert.equal(own[0]?.name, "0001-foundation.sql");
  });

  it("are missed where there is none", () => {
    const folder = mkdtempSync(join(tmpdir(), "sql-"));
    try {
      const message = `no migrations in ${folder}; allowed: at least one`;
      assert.throws(() => readMigrations(folder), refused(message));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what a database lacks", () => {
  it("is what comes after what it has, whatever it has", () => {
    const all = [one, two, last];
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), (known, applied) => {
        const lacking = pendingOf(all.slice(0, known), all.slice(0, applied));
        assert.deepEqual(lacking, all.slice(applied, Math.max(known, applied)));
      }),
    );
  });

  it("is not told where a file is not the one that was applied", () => {
    const changed = orderMigrations({ ...three, "0002-b-c.sql": "select 22" });
    assert.throws(
      () => pendingOf(changed, [one, two]),
      refused(
        `0002-b-c.sql: changed after it was applied (checksum ${hash("select 22").slice(0, 12)}, ` +
          `applied ${hash("select 2").slice(0, 12)}); put it back as it was, and make the change ` +
          "in a new file",
      ),
    );
    const renamed = { ...two, name: "0002-other.sql" };
    assert.throws(
      () => pendingOf([one, two], [one, renamed]),
      refused("0002-b-c.sql: the database has number 2 as 0002-other.sql"),
    );
    assert.throws(
      () => pendingOf([one, two, last], [one, last]),
      refused("schema_migrations: number 2 is missing, but 0003-d.sql is there"),
    );
  });
});

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
