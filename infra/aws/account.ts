import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config.ts";

/**
 * Number of the account that a provider's credentials are of. Says where the stack acts.
 *
 * @throws pulumi.RunError within the output when the account is not in `allowedAccounts`
 */
export function accountOf(provider: aws.Provider, settings: Settings): pulumi.Output<string> {
  const { name, awsRegion, allowedAccounts } = settings;
  return aws.getCallerIdentityOutput({}, { provider }).accountId.apply((id) => {
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
