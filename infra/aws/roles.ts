import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";

/** One statement of a policy. */
export interface Statement {
  /** @default Allow */
  readonly effect?: "Allow" | "Deny";
  /** Actions by their full names, such as `s3:GetObject`. */
  readonly actions: readonly string[];
  /** ARNs of what the actions may be done to. */
  readonly resources: readonly pulumi.Input<string>[];
}

/** Who takes a role on, and what it may do. */
export interface RoleArgs {
  /** Name in the account, at most 64 characters. */
  readonly roleName: pulumi.Input<string>;
  /** Service that takes it on, such as `eks.amazonaws.com`. */
  readonly service: string;
  /** Names of AWS' own policies that it carries. @default none */
  readonly managed?: readonly string[];
  /** Statements of a policy of its own. @default none */
  readonly statements?: readonly Statement[];
  /** Tags that a session must carry, by their keys; with it the service may tag sessions. */
  readonly sessionTags?: Readonly<Record<string, pulumi.Input<string>>>;
}

function trust({ service, sessionTags }: RoleArgs): aws.iam.PolicyDocument {
  const tags = Object.entries(sessionTags ?? {}).map(([key, tag]) => [
    `aws:RequestTag/${key}`,
    tag,
  ]);
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: sessionTags ? ["sts:AssumeRole", "sts:TagSession"] : "sts:AssumeRole",
        ...(sessionTags ? { Condition: { StringEquals: Object.fromEntries(tags) } } : {}),
      },
    ],
  };
}

function allowance(statements: readonly Statement[]): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ effect = "Allow", actions, resources }) => ({
      Effect: effect,
      Action: [...actions],
      Resource: [...resources],
    })),
  };
}

function checkActions(name: string, statements: readonly Statement[]): void {
  const loose = statements.flatMap(({ actions }) => actions).find((action) => /[*?]/.test(action));
  if (loose === undefined) return;
  throw new pulumi.RunError(
    `an action of the role ${name}: got ${JSON.stringify(loose)}; ` +
      "allowed: actions by their full names, such as s3:GetObject",
  );
}

/**
 * Makes an IAM role for a service of AWS.
 *
 * @param name resource name, unique among the parent's
 * @returns its ARN, known once its policies are attached: what uses the role can do all of it from
 *   the start, and to the end of a destroy
 * @throws pulumi.RunError when an action is a pattern
 */
export function createRole(
  name: string,
  args: RoleArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { roleName, managed = [], statements = [] } = args;
  checkActions(name, statements);
  const role = new aws.iam.Role(
    name,
    { name: roleName, assumeRolePolicy: trust(args) },
    { parent },
  );
  const policies: pulumi.Resource[] = managed.map(
    (policy) =>
      new aws.iam.RolePolicyAttachment(
        `${name}-${policy}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        { parent },
      ),
  );
  if (statements.length > 0) {
    const policy = allowance(statements);
    policies.push(new aws.iam.RolePolicy(name, { role: role.name, policy }, { parent }));
  }
  return after(role.arn, policies);
}
