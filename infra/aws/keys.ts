import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What a key is for and how long it can be had back. */
export interface KeyArgs {
  /** What it encrypts, in words, for people who look at it. */
  readonly purpose: string;
  /** True: protected from deletion, and what is deleted all the same can be had back for 30 days. */
  readonly retain: boolean;
  /** Who may use it, JSON; must let the account itself in. @default the account, by its own roles */
  readonly policy?: pulumi.Input<string>;
}

/** Days between the deletion of a key and its end; 7 is the least that AWS allows. */
const waitingDays = { kept: 30, thrownAway: 7 } as const;

/**
 * A key of ours for what AWS stores, turned over every year, with an alias by which people find it:
 * `alias/<project>-<stack>-<name>`.
 *
 * @param name resource name, unique in the stack
 */
export function createKey(name: string, args: KeyArgs, parent: pulumi.Resource): aws.kms.Key {
  const key = new aws.kms.Key(
    name,
    {
      description: args.purpose,
      enableKeyRotation: true,
      deletionWindowInDays: args.retain ? waitingDays.kept : waitingDays.thrownAway,
      ...(args.policy === undefined ? {} : { policy: args.policy }),
    },
    // What is kept encrypted is kept only as long as its key.
    { parent, protect: args.retain },
  );
  new aws.kms.Alias(
    name,
    {
      name: `alias/${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
      targetKeyId: key.id,
    },
    { parent },
  );
  return key;
}
