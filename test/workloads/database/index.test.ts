import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ManagedDatabase } from "../../../workloads/database/index.ts";
import { keyOf } from "../../graph.ts";
import { record, settle } from "../../mocks.ts";
import { fakeDatabase, fakePlatform, inputsOf } from "../rooms.ts";

describe("a database outside the cluster", () => {
  it("has a name in it, and no pods", async () => {
    const resources = await record(() => {
      new ManagedDatabase("database", { platform: fakePlatform(), database: fakeDatabase() });
    });
    assert.deepEqual(
      resources.map(keyOf),
      [
        "Namespace database",
        "Service database",
        "NetworkPolicy database-default",
        "cluster cluster",
        "ManagedDatabase database",
      ].map((key) => key.replace("cluster cluster", "kubernetes cluster")),
    );
    const { metadata, spec } = inputsOf(resources, "Service", "database");
    assert.equal(metadata.name, "greetings");
    assert.equal(metadata.labels["app.kubernetes.io/version"], "17");
    assert.deepEqual(spec, { type: "ExternalName", externalName: "db.rds.example" });
  });

  it("is handed out with all that a client needs", async () => {
    await record(async () => {
      const database = fakeDatabase();
      const { access } = new ManagedDatabase("database", { platform: fakePlatform(), database });
      const { endpoint, tlsName, password, ...rest } = access;
      const { host, ...place } = endpoint;
      assert.equal(await settle(host), "greetings.database.svc");
      assert.deepEqual(place, {
        port: 5432,
        tls: true,
        accessLabels: { "access.web-greetings/database": "true" },
        server: { cidrs: ["10.64.10.0/27", "10.64.20.0/27"] },
      });
      assert.equal(await settle(pulumi.output(tlsName)), "db.rds.example");
      assert.equal(await pulumi.isSecret(password), true);
      assert.deepEqual(rest, { caPem: "PEM", name: "greetings", user: "postgres" });
    });
  });
});
