import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "@pulumi/aws/package.json";
import { type EngineRun, type Live, requireLive, Scratch } from "../../harness.ts";

const TAGS = { project: "greetings" };

interface Variant {
  readonly tag?: string;
  readonly range?: string;
  readonly clusterVersion?: string;
}

/** A network of two zones with a cluster in it, and what stands or falls with its outputs. */
function program({ tag = "a", range = "10.0.1.0/24", clusterVersion = "1.33" }: Variant): string {
  return `
    const pulumi = require("@pulumi/pulumi");
    const aws = require("@pulumi/aws");
    const provider = new aws.Provider("aws", {
      region: "eu-central-1",
      allowedAccountIds: ["123456789012"],
      defaultTags: { tags: ${JSON.stringify(TAGS)} },
    });
    const opts = { provider };
    const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16", tags: { Name: "${tag}" } }, opts);
    const subnets = ["10.0.0.0/24", "${range}"].map((cidrBlock, at) =>
      new aws.ec2.Subnet("subnet-" + at, { vpcId: vpc.id, cidrBlock }, opts));
    const cluster = new aws.eks.Cluster("cluster", {
      name: "greetings",
      roleArn: "arn:aws:iam::123456789012:role/greetings",
      version: "${clusterVersion}",
      vpcConfig: { subnetIds: subnets.map((subnet) => subnet.id) },
    }, opts);
    new aws.vpc.SecurityGroupIngressRule("rule", {
      securityGroupId: cluster.vpcConfig.clusterSecurityGroupId,
      ipProtocol: "-1",
      cidrIpv4: vpc.cidrBlock,
    }, opts);
    exports.account = aws.getCallerIdentityOutput({}, opts).accountId;
    exports.password = aws.ecr.getAuthorizationTokenOutput({}, opts).password;
    exports.endpoint = cluster.endpoint;`;
}

const urn = (type: string, name: string): string => `urn:pulumi:test::plugin-aws::${type}::${name}`;

function made(type: string, name: string, id: string, inputs: object, outputs: object): object {
  const providerUrn = urn("pulumi:providers:aws", "aws");
  return {
    urn: urn(type, name),
    custom: true,
    id,
    type,
    inputs: { tagsAll: TAGS, ...inputs },
    outputs: { id, region: "eu-central-1", tagsAll: TAGS, ...inputs, ...outputs },
    parent: urn("pulumi:pulumi:Stack", "plugin-aws-test"),
    provider: `${providerUrn}::00000000-0000-4000-8000-000000000000`,
  };
}

/** What the engine would have in its state if the real plugin had made the first program's. */
function deployed(): readonly object[] {
  const settings = {
    allowedAccountIds: '["123456789012"]',
    defaultTags: JSON.stringify({ tags: TAGS }),
    region: "eu-central-1",
    skipCredentialsValidation: "false",
    skipRegionValidation: "true",
    version,
  };
  const tags = { Name: "a" };
  const all = { ...TAGS, ...tags };
  const vpcConfig = { subnetIds: ["subnet-0", "subnet-1"] };
  const filled = { ...vpcConfig, clusterSecurityGroupId: "sg-1", vpcId: "vpc-1" };
  const subnet = (at: number): object =>
    made(
      "aws:ec2/subnet:Subnet",
      `subnet-${at}`,
      `subnet-${at}`,
      {
        __defaults: ["mapPublicIpOnLaunch"],
        mapPublicIpOnLaunch: false,
        cidrBlock: `10.0.${at}.0/24`,
        vpcId: "vpc-1",
      },
      {},
    );
  return [
    {
      urn: urn("pulumi:providers:aws", "aws"),
      custom: true,
      id: "00000000-0000-4000-8000-000000000000",
      type: "pulumi:providers:aws",
      inputs: settings,
      outputs: settings,
      parent: urn("pulumi:pulumi:Stack", "plugin-aws-test"),
    },
    made(
      "aws:ec2/vpc:Vpc",
      "vpc",
      "vpc-1",
      { cidrBlock: "10.0.0.0/16", tags, tagsAll: all },
      { arn: "arn:vpc" },
    ),
    subnet(0),
    subnet(1),
    made(
      "aws:eks/cluster:Cluster",
      "cluster",
      "greetings",
      {
        name: "greetings",
        roleArn: "arn:aws:iam::123456789012:role/greetings",
        version: "1.33",
        vpcConfig,
      },
      { endpoint: "https://example.com", vpcConfig: filled },
    ),
    made(
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      "rule",
      "sgr-1",
      { cidrIpv4: "10.0.0.0/16", ipProtocol: "-1", securityGroupId: "sg-1" },
      { arn: "arn:rule" },
    ),
  ];
}

describe("aws plugin: plans", function () {
  this.timeout(300_000);
  let live: Live;
  let scratch: Scratch;
  let state = "";
  let empty = "";

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-aws", live);
    // With a stack that holds nothing there is a state to write into.
    await scratch.apply("");
    const folder = join(scratch.folder, "state", ".pulumi", "stacks", "plugin-aws");
    const [file = ""] = (await readdir(folder)).filter((name) => name === "test.json");
    state = join(folder, file);
    empty = await readFile(state, "utf8");
  });

  afterEach(async () => {
    // What is made up must not be destroyed at the end.
    if (empty !== "") await writeFile(state, empty);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const preview = async (variant: Variant): Promise<EngineRun> => {
    await scratch.write(program(variant));
    const plan = await scratch.preview();
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    return plan;
  };

  /** Plans on top of the first program's state. */
  const change = async (variant: Variant): Promise<EngineRun> => {
    const { checkpoint, ...rest } = JSON.parse(empty);
    const resources = [...checkpoint.latest.resources, ...deployed()];
    const latest = { ...checkpoint.latest, resources };
    await writeFile(state, JSON.stringify({ ...rest, checkpoint: { ...checkpoint, latest } }));
    return preview(variant);
  };

  const steps = (plan: EngineRun): readonly string[] =>
    plan.steps.filter((step) => !step.startsWith("same ")).sort();

  it("plans what does not exist, with outputs that are not known yet", async () => {
    const plan = await preview({});
    assert.deepEqual(plan.changes, { create: 6, same: 1 });
    assert.match(plan.stdout, /sandbox stand-in for the aws plugin in use/);
    assert.match(plan.stdout, /account *: "123456789012"/);
    assert.match(plan.stdout, /password *: \[secret\]/);
    assert.doesNotMatch(plan.stdout, /example-of-the-stand-in/);
    const unknown = /endpoint *: (output<string>|\[unknown\])/;
    assert.match(plan.stdout, unknown);
    console.log(`      plan: ${JSON.stringify(plan.changes)}`);
  });

  it("finds nothing to do where the state is as the program wants it", async () => {
    assert.deepEqual((await change({})).changes, { same: 7 });
  });

  it("updates one resource for a tag, and nothing behind it", async () => {
    const plan = await change({ tag: "b" });
    assert.deepEqual(steps(plan), ["update aws:ec2/vpc:Vpc::vpc"]);
    assert.deepEqual(plan.changes, { same: 6, update: 1 });
  });

  it("replaces a subnet for its range, and updates the cluster that stands in it", async () => {
    const plan = await change({ range: "10.0.2.0/24" });
    assert.deepEqual(steps(plan), [
      "create-replacement aws:ec2/subnet:Subnet::subnet-1",
      "delete-replaced aws:ec2/subnet:Subnet::subnet-1",
      "replace aws:ec2/subnet:Subnet::subnet-1",
      "update aws:eks/cluster:Cluster::cluster",
    ]);
    assert.deepEqual(plan.changes, { replace: 1, same: 5, update: 1 });
  });

  it("updates a cluster for its version, and keeps what its rule stands on", async () => {
    const plan = await change({ clusterVersion: "1.34" });
    assert.deepEqual(steps(plan), ["update aws:eks/cluster:Cluster::cluster"]);
  });

  it("fails when something would be made", async () => {
    await scratch.write(program({}));
    const { code, stdout } = await scratch.up();
    assert.notEqual(code, 0);
    assert.match(stdout, /this stand-in only previews; install the aws plugin to change anything/);
  });

  it("fails when a type is not in its table", async () => {
    await scratch.write(`
      const aws = require("@pulumi/aws");
      const provider = new aws.Provider("aws", { region: "eu-central-1" });
      new aws.sqs.Queue("queue", {}, { provider });`);
    const { code, stdout } = await scratch.preview();
    assert.notEqual(code, 0);
    assert.match(stdout, /does not know the type aws:sqs\/queue:Queue; add it to sandbox/);
  });
});
