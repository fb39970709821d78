import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountOf } from "../../../infra/aws/account.ts";
import { parseSettings } from "../../../infra/config.ts";
import { awsAnswer, failureOf } from "../../awsMocks.ts";
import { refusal } from "./recordAws.ts";

/** What comes of the question whose the credentials are, where AWS answers so. */
async function account(
  allowedAccounts: readonly string[],
  call: pulumi.runtime.Mocks["call"] = awsAnswer,
): Promise<string> {
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => {
    return { id: name, state: inputs };
  };
  await pulumi.runtime.setMocks({ newResource, call }, "web-greetings", "prod");
  const clusterAdmins = ["arn:aws:iam::123456789012:role/deploy"];
  const settings = parseSettings({ target: "aws", allowedAccounts, clusterAdmins }, new Map());
  const provider = new aws.Provider("aws", { region: settings.awsRegion });
  const known = accountOf(provider, settings);
  return (known as unknown as { promise(): Promise<string> }).promise();
}

describe("the account of the credentials", () => {
  it("is what AWS says, where it is allowed", async () => {
    assert.equal(await account(["210987654321", "123456789012"]), "123456789012");
  });

  it("fails when it is another than those allowed", async () => {
    await assert.rejects(
      account(["210987654321", "310987654321"]),
      refusal(
        "the credentials are of AWS account 123456789012; allowed: 210987654321, 310987654321; " +
          "use others, or set web-greetings:allowedAccounts",
      ),
    );
  });

  it("fails when AWS does not say", async () => {
    const said = "operation error STS: GetCallerIdentity, api error ExpiredToken: it is expired";
    const call: pulumi.runtime.Mocks["call"] = ({ token }) => {
      throw Object.assign(new Error(), { details: failureOf(token, said) });
    };
    await assert.rejects(
      account(["123456789012"], call),
      refusal(
        `AWS does not say whose the credentials are: ${said}; log in again, or have AWS_PROFILE ` +
          "name others; allowed: those of account 123456789012",
      ),
    );
  });
});
