import assert from "node:assert/strict";
import { ManagedDatabase } from "../../../workloads/database/index.ts";
import { Migrations } from "../../../workloads/migrations/index.ts";
import { neededBy } from "../../graph.ts";
import { type Recorded, record } from "../../mocks.ts";
import { fakeDatabase, fakePlatform, inputsOf, objectsIn } from "../rooms.ts";

/** Everything that the migrations of a managed database register. */
function recordMigrations(): Promise<Recorded[]> {
  return record(() => {
    const platform = fakePlatform();
    const { access } = new ManagedDatabase("database", { platform, database: fakeDatabase() });
    new Migrations("migrations", { platform, database: access });
  });
}

describe("the migrations", () => {
  it("are a Job with its policy, its files and its secret in a namespace of its own", async () => {
    assert.deepEqual(objectsIn(await recordMigrations(), "migrations"), [
      "ConfigMap migrations",
      "Job migrations",
      "NetworkPolicy migrations",
      "NetworkPolicy migrations-default",
      "Secret migrations-secrets",
      "ServiceAccount migrations",
    ]);
  });

  it("know where the database is, and whose certificate it has", async () => {
    const resources = await recordMigrations();
    const { spec } = inputsOf(resources, "Job", "migrations").spec.template;
    assert.deepEqual(spec.containers[0].env, [
      { name: "DATABASE_HOST", value: "greetings.database.svc" },
      { name: "DATABASE_PORT", value: "5432" },
      { name: "DATABASE_TLS_NAME", value: "db.rds.example" },
      { name: "DATABASE_CA_FILE", value: "/etc/migrate/config/ca.pem" },
      { name: "DATABASE_NAME", value: "greetings" },
      { name: "DATABASE_USER", value: "postgres" },
      { name: "DATABASE_PASSWORD_FILE", value: "/etc/migrate/secrets/password" },
    ]);
    assert.deepEqual(inputsOf(resources, "ConfigMap", "migrations").data, { "ca.pem": "PEM" });
  });

  it("have the password in a file, and nowhere else", async () => {
    const resources = await recordMigrations();
    const holders = resources
      .filter(({ inputs }) => JSON.stringify(inputs).includes("trial-password"))
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    assert.deepEqual(holders, ["Secret migrations-secrets"]);
  });

  it("reach the database's addresses at its port, and nothing else", async () => {
    const { spec } = inputsOf(await recordMigrations(), "NetworkPolicy", "migrations");
    assert.deepEqual(spec.ingress, []);
    assert.deepEqual(spec.egress, [
      {
        to: [{ ipBlock: { cidr: "10.64.10.0/27" } }, { ipBlock: { cidr: "10.64.20.0/27" } }],
        ports: [{ protocol: "TCP", port: 5432 }],
      },
    ]);
  });

  it("come after the database's name, and are gone before it", async () => {
    const needs = neededBy(await recordMigrations(), "Job migrations");
    assert.ok(needs.has("Service database"));
  });
});
