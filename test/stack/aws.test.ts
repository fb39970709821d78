import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { type Recorded, settle } from "../mocks.ts";
import { inputsOf } from "../workloads/rooms.ts";
import { awsPolicies } from "./awsPolicies.ts";
import { awsPolicyStatements } from "./awsStatements.ts";
import { connectionsOf } from "./connections.ts";
import { policies } from "./policies.ts";
import { run, settingsOf } from "./program.ts";
import { inputs } from "./workloads.ts";

const committed = join(__dirname, "inventory-prod.txt");
/** What there is only where the platform keeps a database. */
const ofDatabase = [
  "docker:index/image:Image migrate",
  "kubernetes:batch/v1:Job migrations",
  "kubernetes:core/v1:ConfigMap migrations",
  "kubernetes:core/v1:Namespace database",
  "kubernetes:core/v1:Namespace migrations",
  "kubernetes:core/v1:Secret migrations-secrets",
  "kubernetes:core/v1:Service database",
  "kubernetes:core/v1:ServiceAccount migrations",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy database-default",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy migrations",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy migrations-default",
  "random:index/randomId:RandomId database-greetings",
  "random:index/randomPassword:RandomPassword database-greetings",
];

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

  it("has the same workloads as dev, name for name, and storage classes, console and database besides", async () => {
    const names = (of: readonly Recorded[]) =>
      of
        .filter(({ type }) => /^(kubernetes|docker|random|tls):/.test(type))
        .map(({ type, name }) => `${type} ${name}`);
    const dev = names((await run(settingsOf("dev"))).resources);
    const classes = ["bulk", "fast"].map(
      (name) => `kubernetes:storage.k8s.io/v1:StorageClass ${name}`,
    );
    const ofConsole = / console(-default)?$/;
    // On a full scale there are several of these.
    const budgets = ["prometheus", "prometheus-alertmanager"].map(
      (name) => `kubernetes:policy/v1:PodDisruptionBudget ${name}`,
    );
    assert.deepEqual(
      names(resources).filter((name) => !ofConsole.test(name)),
      [...dev, ...budgets, ...classes, ...ofDatabase].sort(),
    );
  });

  it("lets nobody out to the database but the migrations", () => {
    const all = resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    const outwards = all.filter((one) =>
      JSON.stringify(inputs(one).spec.egress ?? []).includes("ipBlock"),
    );
    assert.deepEqual(
      outwards.map(({ name }) => name),
      ["migrations"],
    );
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
      "Instance database-greetings",
      "Key database-greetings",
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

  it("lets nobody but the load balancer into the console, which asks web interfaces alone", () => {
    const edges = connectionsOf(resources)
      .filter(({ server, client }) => [server, client].includes("console/proxy"))
      .map(({ server, ports, client }) => `${client} > ${server}: ${ports.join(", ")}`);
    // It is no pod, and not just any address either.
    assert.deepEqual(edges, [
      "console/proxy > consul/server: 8501 (https)",
      "console/proxy > grafana/server: 3000 (https)",
      "console/proxy > prometheus/alertmanager: 9093 (https)",
      "console/proxy > prometheus/server: 9090 (https)",
    ]);
    const from = ["a", "b", "c"].map((zone) => {
      const { cidrBlock } = inputsOf(resources, "Subnet", `network-public-eu-central-1${zone}`);
      return { ipBlock: { cidr: cidrBlock } };
    });
    const { ingress } = inputsOf(resources, "NetworkPolicy", "console").spec;
    assert.deepEqual(ingress, [{ from, ports: [{ protocol: "TCP", port: 9443 }] }]);
    const { externalTrafficPolicy } = inputsOf(resources, "Service", "console").spec;
    assert.equal(externalTrafficPolicy, "Local");
  });

  it("tells where web interfaces are opened, and where they are in the cluster", async () => {
    const told = ["urls", "interfaces"].map(async (output) => {
      const { consul } = outputs[output] as Readonly<Record<string, pulumi.Output<string>>>;
      return consul && settle(consul);
    });
    assert.deepEqual(await Promise.all(told), [
      "https://consul.yourcom.example/ui/",
      "https://consul.consul.svc:8501/ui/",
    ]);
  });

  it("has neither console nor login without operators", async () => {
    const alone = await run({ ...settingsOf("prod"), operators: [] });
    const left = alone.resources.filter(
      ({ type, name }) => /cognito/.test(type) || /console/.test(name),
    );
    assert.deepEqual(left, []);
    assert.deepEqual(Object.keys(alone.outputs.urls as object), ["web"]);
  });

  it("tells where web pages are opened and put", async () => {
    const site = outputs.staticSite as Readonly<Record<string, pulumi.Output<string>>>;
    const told = Object.entries(site).map(async ([key, value]) => [key, await settle(value)]);
    assert.deepEqual(Object.fromEntries(await Promise.all(told)), {
      url: "https://static.yourcom.example",
      bucket: "yourcom-dev-static",
    });
  });

  it("names its outputs as dev does, and needs no authority of ours to be verified", () => {
    assert.equal(outputs.ca, "");
    // Under mocks every stack is called dev.
    assert.equal(outputs.context, "yourcom-dev");
  });
});
