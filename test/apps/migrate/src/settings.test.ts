import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { readMigrateSettings } from "../../../../apps/migrate/src/settings.ts";

const required = {
  DATABASE_HOST: "greetings.database.svc",
  DATABASE_CA_FILE: "/config/ca.pem",
  DATABASE_NAME: "greetings",
  DATABASE_USER: "postgres",
  DATABASE_PASSWORD_FILE: "/secrets/password",
};

describe("settings of the migrations", () => {
  it("are these, with what a run has time for, and the host's name in its certificate", () => {
    const source = resolve(__dirname, "../../../../apps/migrate/src");
    assert.deepEqual(readMigrateSettings(required), {
      ...required,
      DATABASE_PORT: 5432,
      DATABASE_TLS_NAME: "greetings.database.svc",
      SQL_FOLDER: join(source, "sql"),
      CONNECT_DEADLINE_MS: 120_000,
      LOCK_DEADLINE_MS: 300_000,
      STATEMENT_TIMEOUT_MS: 300_000,
      TABLE_LOCK_TIMEOUT_MS: 10_000,
    });
    const told = { ...required, DATABASE_TLS_NAME: "db.example" };
    assert.equal(readMigrateSettings(told).DATABASE_TLS_NAME, "db.example");
  });

  it("fail with every one that is missing", () => {
    const expected = Object.keys(required).map((key) => `setting ${key}: missing, but required`);
    assert.throws(
      () => readMigrateSettings({}),
      ({ message }: Error) => {
        assert.deepEqual(message.split("\n").sort(), expected.sort());
        return true;
      },
    );
  });
});
