import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config.ts";
import { inOneLine } from "./oneLine.ts";

/**
 * Number of the account that a provider's credentials are of. Says where the stack acts.
 *
 * The plugin looks at the credentials before it is asked for anything: where there are none, or of an
 * account that the provider does not allow, it says so itself, and the program ends before this.
 *
 * @throws pulumi.RunError within the output when the account is not in `allowedAccounts`, or AWS does
 * not say which one it is
 */
export function accountOf(provider: aws.Provider, settings: Settings): pulumi.Output<string> {
  const { name, awsRegion, allowedAccounts } = settings;
  const asked = inOneLine(
    aws.getCallerIdentity({}, { provider }),
    (said) =>
      `AWS does not say whose the credentials are: ${said}; log in again, or have AWS_PROFILE ` +
      `name others; allowed: those of account ${allowedAccounts.join(", ")}`,
  );
  return pulumi.output(asked).accountId.apply((id) => {
    if (!allowedAccounts.includes(id)) {
      throw new pulumi.RunError(
        `the credentials are of AWS account ${id}; allowed: ${allowedAccounts.join(", ")}; ` +
          "use others, or set web-greetings:allowedAccounts",
      );
    }
    void pulumi.log.info(`acting on AWS account ${id}, region ${awsRegion}, as ${name}`);
    return id;
  });
}
