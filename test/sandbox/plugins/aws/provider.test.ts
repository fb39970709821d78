import assert from "node:assert/strict";
import { awsProvider } from "../../../../sandbox/plugins/aws/provider.ts";
import {
  type CheckFailure,
  type PropertyMap,
  Secret,
  UNKNOWN,
} from "../../../../sandbox/plugins/rpc/index.ts";
import { Driver } from "../bridged/drive.ts";

const VPC = "aws:ec2/vpc:Vpc";
const CLUSTER = "aws:eks/cluster:Cluster";
const REFUSAL = "this stand-in only previews; install the aws plugin to change anything on AWS";
const TAGS = { project: "greetings", stack: "test" };

/** A plugin as it is configured for `eu-central-1`, and the engine's part for one type. */
async function aws(type: string, config: PropertyMap = {}): Promise<Driver> {
  const provider = awsProvider({});
  await provider.configure?.({ region: "eu-central-1", ...config });
  return new Driver(provider, type);
}

const tagging = { defaultTags: JSON.stringify({ tags: TAGS }) };

describe("the aws stand-in", () => {
  it("gives inputs back, without what the program left empty", async () => {
    const vpcs = await aws(VPC);
    const checked = await vpcs.check({ cidrBlock: "10.0.0.0/16", ipv6CidrBlock: null });
    assert.deepEqual(checked, { cidrBlock: "10.0.0.0/16", tagsAll: {} });
  });

  it("puts the provider's tags below the resource's own", async () => {
    const vpcs = await aws(VPC, tagging);
    const { tags, tagsAll } = await vpcs.check({ tags: { stack: "other", Name: "n" } });
    assert.deepEqual(tags, { stack: "other", Name: "n" });
    assert.deepEqual(tagsAll, { project: "greetings", stack: "other", Name: "n" });
    const routes = await aws("aws:ec2/route:Route", tagging);
    assert.deepEqual(await routes.check({ routeTableId: "rtb-1" }), { routeTableId: "rtb-1" });
  });

  it("knows no tags where one of them is not known, and keeps them secret", async () => {
    const vpcs = await aws(VPC, tagging);
    assert.equal((await vpcs.check({ tags: { a: UNKNOWN } })).tagsAll, UNKNOWN);
    const whole = await vpcs.check({ tags: new Secret({ a: "1" }) });
    assert.deepEqual(whole.tagsAll, new Secret({ ...TAGS, a: "1" }));
    const hidden = await aws(VPC, { defaultTags: new Secret(tagging.defaultTags) });
    assert.deepEqual((await hidden.check({})).tagsAll, new Secret(TAGS));
  });

  it("keeps a name that was made up, and makes up none", async () => {
    const provider = awsProvider({ AWS_REGION: "eu-west-1" });
    const request = { type: CLUSTER, urn: "", name: "one", randomSeed: new Uint8Array() };
    const check = async (oldInputs: PropertyMap) =>
      (await provider.check({ ...request, oldInputs, inputs: {} })).inputs.name;
    assert.equal(await check({ name: "one-1234567", __defaults: ["name"] }), "one-1234567");
    assert.equal(await check({ name: "given" }), undefined);
    assert.equal(await check({}), undefined);
  });

  it("plans inputs as outputs, and the outputs within them as unknown", async () => {
    const clusters = await aws(CLUSTER);
    const vpcConfig = { subnetIds: ["s-1"], publicAccessCidrs: ["192.0.2.0/24"] };
    const { id, state } = await clusters.create({ roleArn: UNKNOWN, vpcConfig }, true);
    assert.equal(id, "");
    assert.deepEqual(state, {
      roleArn: UNKNOWN,
      tagsAll: {},
      vpcConfig: { ...vpcConfig, clusterSecurityGroupId: UNKNOWN, vpcId: UNKNOWN },
    });
    const hidden = await clusters.create({ vpcConfig: new Secret({ subnetIds: [] }) }, true);
    assert.deepEqual(
      hidden.state.vpcConfig,
      new Secret({
        subnetIds: [],
        clusterSecurityGroupId: UNKNOWN,
        publicAccessCidrs: UNKNOWN,
        vpcId: UNKNOWN,
      }),
    );
  });

  it("keeps outputs in an update, but those that it changes", async () => {
    const clusters = await aws(CLUSTER);
    const old = {
      arn: "arn:1",
      version: "1.33",
      vpcConfig: { subnetIds: ["s-1"], clusterSecurityGroupId: "sg-1", vpcId: "vpc-1" },
    };
    const state = await clusters.update(
      old,
      { version: "1.34", vpcConfig: { subnetIds: ["s-1"], publicAccessCidrs: ["a"] } },
      true,
    );
    assert.deepEqual(state, {
      arn: "arn:1",
      tagsAll: {},
      version: "1.34",
      vpcConfig: {
        subnetIds: ["s-1"],
        publicAccessCidrs: ["a"],
        clusterSecurityGroupId: "sg-1",
        vpcId: "vpc-1",
      },
    });
    const templates = await aws("aws:ec2/launchTemplate:LaunchTemplate");
    const next = await templates.update({ arn: "arn:2", latestVersion: 1 }, { imageId: "a" }, true);
    assert.deepEqual(next, { arn: "arn:2", imageId: "a", tagsAll: {} });
  });

  it("compares with the inputs of the last update", async () => {
    const vpcs = await aws(VPC, tagging);
    const inputs = { cidrBlock: "10.0.0.0/16", tagsAll: TAGS };
    const state = { ...inputs, arn: "arn:1", region: "eu-central-1" };
    const same = await vpcs.diff(inputs, state, { cidrBlock: "10.0.0.0/16" });
    assert.deepEqual(same.detailed, {});
    const tagged = await vpcs.diff(inputs, state, { cidrBlock: "10.0.0.0/16", tags: { a: "1" } });
    assert.deepEqual(tagged.detailed, { "tags.a": "add", "tagsAll.a": "add" });
    assert.deepEqual(tagged.replaces, []);
    const moved = await vpcs.diff(inputs, state, { cidrBlock: "10.1.0.0/16" });
    assert.deepEqual(moved.detailed, { cidrBlock: "update-replace" });
    assert.deepEqual(moved.replaces, ["cidrBlock"]);
  });

  it("takes all tags from the state where the inputs of the last update lack them", async () => {
    const vpcs = await aws(VPC, tagging);
    assert.equal((await vpcs.diff({}, { tagsAll: TAGS }, {})).changed, false);
    assert.deepEqual((await vpcs.diff({}, {}, {})).detailed, {
      "tagsAll.project": "add",
      "tagsAll.stack": "add",
    });
  });

  it("replaces what would move to another region", async () => {
    const vpcs = await aws(VPC);
    const elsewhere = await vpcs.diff({}, { region: "eu-west-1" }, {});
    assert.deepEqual(elsewhere.detailed, { region: "update-replace" });
    const named = await vpcs.diff({}, { region: "eu-west-1" }, { region: "eu-west-1" });
    assert.equal(named.changed, false);
    // Roles are in no region, nor is what an older plugin made.
    const roles = await aws("aws:iam/role:Role");
    assert.equal((await roles.diff({}, {}, {})).changed, false);
  });

  describe("settings", () => {
    const failures = async (inputs: PropertyMap, environment: NodeJS.ProcessEnv = {}) =>
      (
        await awsProvider(environment).checkConfig?.({
          type: "pulumi:providers:aws",
          urn: "",
          name: "aws",
          oldInputs: {},
          inputs,
          randomSeed: new Uint8Array(),
        })
      )?.failures;

    it("takes all that the SDK writes, secret and unknown too", async () => {
      const none: readonly CheckFailure[] = [];
      assert.deepEqual(await failures({ region: "eu-central-1", ...tagging }), none);
      assert.deepEqual(await failures({ region: UNKNOWN, allowedAccountIds: '["1"]' }), none);
      assert.deepEqual(await failures({ region: new Secret("eu-central-1") }), none);
      assert.deepEqual(await failures({}, { AWS_REGION: "eu-central-1" }), none);
      assert.deepEqual(await failures({}, { AWS_DEFAULT_REGION: "eu-central-1" }), none);
    });

    it("fails when there is no region", async () => {
      assert.deepEqual(await failures({ region: "" }), [
        {
          property: "region",
          reason: "missing; set it on the provider, or AWS_REGION in the environment",
        },
      ]);
    });

    it("fails when the default tags are malformed", async () => {
      await assert.rejects(aws(VPC, { defaultTags: "{" }), {
        message: "provider setting defaultTags is malformed; allowed: JSON",
      });
    });
  });

  describe("what it refuses", () => {
    it("fails when something would be made, changed, read or deleted", async () => {
      const vpcs = await aws(VPC);
      await assert.rejects(vpcs.create({ cidrBlock: "10.0.0.0/16" }), { message: REFUSAL });
      await assert.rejects(vpcs.update({}, { cidrBlock: "10.0.0.0/16" }), { message: REFUSAL });
      await assert.rejects(vpcs.read("vpc-1"), { message: REFUSAL });
      await assert.rejects(vpcs.delete("vpc-1"), { message: REFUSAL });
    });

    it("fails when a type is not in its table", async () => {
      const message =
        "the aws stand-in does not know the type aws:sqs/queue:Queue; add it to " +
        "sandbox/plugins/aws/types.ts, or use the real aws plugin";
      const queues = await aws("aws:sqs/queue:Queue");
      await assert.rejects(queues.check({}), { message });
    });
  });
});
