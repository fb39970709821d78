import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Recorded } from "../mocks.ts";
import { awsPolicies } from "./awsPolicies.ts";
import { awsPolicyStatements } from "./awsStatements.ts";
import { policies } from "./policies.ts";
import { run, settingsOf } from "./program.ts";

const committed = join(__dirname, "inventory-prod.txt");

describe("the prod stack", () => {
  let resources: readonly Recorded[] = [];
  let outputs: Readonly<Record<string, unknown>> = {};
  before(async () => {
    ({ resources, outputs } = await run(settingsOf("prod")));
  });

  it("is what is committed, to the last name (UPDATE_INVENTORY=1 writes it anew)", () => {
    const text = resources.map(({ type, name }) => `${type} ${name}\n`).join("");
    if (process.env.UPDATE_INVENTORY) writeFileSync(committed, text);
    assert.equal(text, readFileSync(committed, "utf8"));
  });

  it("has the same workloads as dev, name for name, and its storage classes besides", async () => {
    const names = (of: readonly Recorded[]) =>
      of
        .filter(({ type }) => /^(kubernetes|docker|random|tls):/.test(type))
        .map(({ type, name }) => `${type} ${name}`);
    const dev = names((await run(settingsOf("dev"))).resources);
    const classes = ["bulk", "fast"].map(
      (name) => `kubernetes:storage.k8s.io/v1:StorageClass ${name}`,
    );
    assert.deepEqual(names(resources), [...dev, ...classes].sort());
  });

  for (const [demand, policy] of Object.entries({ ...policies, ...awsPolicies })) {
    it(`keeps to the policy that ${demand}`, () => assert.deepEqual(policy(resources), []));
  }

  it("has policies of IAM that are looked at", () => {
    const statements = awsPolicyStatements(resources);
    assert.ok(statements.length >= 10, `${statements.length} statements`);
  });

  it("protects what cannot be had again", () => {
    const kept = resources.filter(({ isProtected }) => isProtected);
    assert.deepEqual(kept.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort(), [
      "Bucket backups",
      "Bucket infra",
      "Bucket logs",
      "Bucket static",
      "Cluster cluster",
      "Key secrets",
      "Key volumes",
      "Zone zone",
    ]);
  });

  it("protects nothing where data is thrown away", async () => {
    const thrown = await run({ ...settingsOf("prod"), retain: false });
    assert.deepEqual(
      thrown.resources.filter(({ isProtected }) => isProtected).map(({ name }) => name),
      [],
    );
  });

  it("names its outputs as dev does, and needs no authority of ours to be verified", () => {
    assert.equal(outputs.ca, "");
    // Under mocks every stack is called dev.
    assert.equal(outputs.context, "yourcom-dev");
  });
});
