import assert from "node:assert/strict";
import { AWS_TYPES, SETS } from "../../../../sandbox/plugins/aws/types.ts";
import { readSdk } from "../bridged/sdk.ts";

const top = (paths: readonly string[] = []): readonly string[] =>
  paths.map((path) => path.split(".")[0] ?? "");

/** What AWS finds by its id alone, and so can call by another name. */
const renamed: ReadonlySet<string> = new Set([
  "aws:cloudfront/originAccessControl:OriginAccessControl",
  "aws:cognito/userPoolClient:UserPoolClient",
]);

describe("the table of aws types and the SDK", () => {
  it("has 58 types", () => {
    assert.equal(Object.keys(AWS_TYPES).length, 58);
  });

  for (const [token, type] of Object.entries(AWS_TYPES)) {
    const sdk = readSdk(token);

    it(`${token} names inputs and outputs of the SDK`, () => {
      const { autoName, changing, filled, removals, replaces } = type;
      const named = autoName === undefined ? [] : [autoName];
      for (const name of [...top(replaces), ...top(removals), ...top(filled), ...named]) {
        assert.ok(sdk.inputs.includes(name), `${name} is no input`);
      }
      for (const name of changing ?? []) {
        assert.ok(sdk.outputs.includes(name), `${name} is no output`);
      }
    });

    it(`${token} has tags where the SDK has them`, () => {
      assert.equal(type.tags, sdk.inputs.includes("tags"));
      assert.equal(type.tags, sdk.outputs.includes("tagsAll"));
    });

    it(`${token} makes up a name where the SDK asks for none`, () => {
      // A record's name is an address, which is always given.
      const optional = sdk.inputs.includes("name") && token !== "aws:route53/record:Record";
      if (optional) assert.equal(type.autoName, "name");
      if (type.autoName === undefined || renamed.has(token)) return;
      assert.ok(type.replaces.includes(type.autoName));
    });
  }

  it("knows sets that some type has", () => {
    const inputs = new Set(Object.keys(AWS_TYPES).flatMap((token) => readSdk(token).inputs));
    const nested = ["namespaces", "publicAccessCidrs", "values"];
    assert.deepEqual(
      [...SETS].filter((name) => !inputs.has(name)),
      nested,
    );
  });
});
