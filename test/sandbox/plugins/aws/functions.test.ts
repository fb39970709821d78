import assert from "node:assert/strict";
import { answer } from "../../../../sandbox/plugins/aws/functions.ts";
import { readSettings } from "../../../../sandbox/plugins/aws/settings.ts";
import { type PropertyMap, Secret } from "../../../../sandbox/plugins/rpc/index.ts";

const SETTINGS = { region: "eu-central-1", account: "123456789012", defaultTags: {} };
const ask = (token: string, args: PropertyMap = {}): PropertyMap => answer(SETTINGS, token, args);

describe("functions of the aws stand-in", () => {
  it("tell the account that the settings allow", () => {
    const caller = ask("aws:index/getCallerIdentity:getCallerIdentity");
    assert.equal(caller.accountId, "123456789012");
    assert.equal(caller.arn, "arn:aws:iam::123456789012:user/preview");
  });

  it("tell the first of the allowed accounts, or that of AWS's documentation", () => {
    const accounts: [PropertyMap, string][] = [
      [{ allowedAccountIds: '["210987654321","123456789012"]' }, "210987654321"],
      [{ allowedAccountIds: ["210987654321"] }, "210987654321"],
      [{ allowedAccountIds: "[]" }, "123456789012"],
      [{}, "123456789012"],
    ];
    for (const [config, account] of accounts) {
      assert.equal(readSettings(config, {}).account, account);
    }
  });

  it("tell the region of the provider, or the one asked for", () => {
    const token = "aws:index/getRegion:getRegion";
    assert.equal(ask(token).region, "eu-central-1");
    assert.equal(ask(token, { region: "eu-west-1" }).name, "eu-west-1");
  });

  it("give a token for the registry that says what it is, as a secret", () => {
    const token = ask("aws:ecr/getAuthorizationToken:getAuthorizationToken");
    assert.deepEqual(token.password, new Secret("example-of-the-stand-in"));
    assert.ok(token.authorizationToken instanceof Secret);
    assert.equal(token.userName, "AWS");
    assert.equal(token.proxyEndpoint, "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com");
  });

  it("give a zone by its name or its ID", () => {
    const token = "aws:route53/getZone:getZone";
    const { name, zoneId } = ask(token, { name: "greetings.example." });
    assert.deepEqual({ name, zoneId }, { name: "greetings.example", zoneId: "Z0123456789EXAMPLE" });
    assert.equal(ask(token, { zoneId: "Z1" }).id, "Z1");
    assert.throws(() => ask(token), {
      message: "getZone got neither a name nor a zoneId; allowed: one of them",
    });
  });

  it("fails when a function has no answer", () => {
    assert.throws(() => ask("aws:ec2/getAmi:getAmi"), {
      message:
        "the aws stand-in does not know the function aws:ec2/getAmi:getAmi; allowed: " +
        "getAuthorizationToken, getCallerIdentity, getRegion, getZone; others need the real aws " +
        "plugin",
    });
  });
});
