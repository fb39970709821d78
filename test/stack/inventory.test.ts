import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { run, settingsOf } from "./program.ts";

const committed = join(__dirname, "inventory.txt");

describe("the inventory of the dev stack", () => {
  it("is what is committed, to the last name (UPDATE_INVENTORY=1 writes it anew)", async () => {
    const { resources } = await run(settingsOf("dev"));
    const text = resources.map(({ type, name }) => `${type} ${name}\n`).join("");
    if (process.env.UPDATE_INVENTORY) writeFileSync(committed, text);
    assert.equal(text, readFileSync(committed, "utf8"));
  });

  it("is the same, name for name, where data is kept", async () => {
    const names = async (settings: Record<string, unknown>) =>
      (await run(settings)).resources.map(({ type, name }) => `${type} ${name}`);
    const dev = settingsOf("dev");
    assert.deepEqual(await names({ ...dev, retain: true }), await names(dev));
  });
});

describe("the outputs of the dev stack", () => {
  it("are what people open, where programs connect, how it is guarded, and where it is", async () => {
    const { outputs } = await run(settingsOf("dev"));
    const names = [
      "ca",
      "context",
      "endpoints",
      "interfaces",
      "kubeconfig",
      "logins",
      "networkPolicies",
      "operator",
      "staticSite",
      "urls",
    ];
    assert.deepEqual(Object.keys(outputs).sort(), names);
    assert.equal(outputs.context, "minikube");
  });

  it("keep secret what people log in with", async () => {
    const { outputs } = await run(settingsOf("dev"));
    const { consul } = outputs.logins as Readonly<Record<string, unknown>>;
    const both = [consul, outputs.operator];
    assert.deepEqual(await Promise.all(both.map((output) => pulumi.isSecret(output as never))), [
      true,
      true,
    ]);
  });
});
