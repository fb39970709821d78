import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One SQL file, as it is to be applied. */
export interface Migration {
  /** The number that its name begins with: 1 for the first. */
  readonly version: number;
  /** Name of the file. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of its bytes, in hex. */
  readonly checksum: string;
}

const SHAPE = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

/**
 * Puts files in the order of their numbers.
 *
 * @param files text by name, in any order
 * @throws Error naming the first file whose name, number or content is not as it has to be
 */
export function orderMigrations(files: Readonly<Record<string, string>>): Migration[] {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, sql], index) => {
    const number = SHAPE.exec(name)?.[1];
    if (number === undefined) {
      throw new Error(`${name}: not a name of a migration; allowed: such as 0001-first-tables.sql`);
    }
    const version = index + 1;
    if (Number(number) !== version) {
      const next = String(version).padStart(4, "0");
      throw new Error(`${name}: got number ${number}; allowed: ${next}, each number once, no gap`);
    }
    if (sql.trim() === "") throw new Error(`${name}: empty; allowed: at least one statement`);
    return { version, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  });
}

/**
 * The migrations in a folder; files that do not end in `.sql` are none.
 *
 * @throws Error when there is none, and as `orderMigrations` does
 */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  if (names.length === 0) throw new Error(`no migrations in ${folder}; allowed: at least one`);
  const texts = names.map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  return orderMigrations(Object.fromEntries(texts));
}

/** What the database says of a migration that it has. */
export interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * What a database still lacks. One that has more than the files do, as after going back to an older
 * release, lacks nothing.
 *
 * @param applied in the order of their versions
 * @throws Error naming the first file that is not the one that was applied
 */
export function pendingOf(
  migrations: readonly Migration[],
  applied: readonly Applied[],
): readonly Migration[] {
  for (const [index, { version, name, checksum }] of applied.entries()) {
    if (version !== index + 1) {
      throw new Error(`schema_migrations: number ${index + 1} is missing, but ${name} is there`);
    }
    const ours = migrations[index];
    if (ours === undefined) continue;
    if (ours.name !== name) {
      throw new Error(`${ours.name}: the database has number ${version} as ${name}`);
    }
    if (ours.checksum !== checksum) {
      throw new Error(
        `${name}: changed after it was applied (checksum ${ours.checksum.slice(0, 12)}, applied ` +
          `${checksum.slice(0, 12)}); put it back as it was, and make the change in a new file`,
      );
    }
  }
  return migrations.slice(applied.length);
}
