import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyOf } from "../../graph.ts";
import { type Recorded, record } from "../../mocks.ts";

/**
 * What a program registers that is handed an aws provider, that provider left out. Asserts that
 * each resource of AWS is on it.
 */
export async function recordAws(
  program: (opts: pulumi.ComponentResourceOptions) => unknown,
): Promise<Recorded[]> {
  const resources = await record(() =>
    program({ providers: [new aws.Provider("aws", { region: "eu-central-1" })] }),
  );
  for (const { type, name, provider } of resources.filter((r) => r.type.startsWith("aws:"))) {
    assert.match(provider, /::pulumi:providers:aws::aws::/, `the provider of ${type} ${name}`);
  }
  return resources.filter(({ type }) => type !== "pulumi:providers:aws");
}

/** `kind name` of each resource, in the order of what was recorded. */
export function namesOf(resources: readonly Recorded[]): string[] {
  return resources.map(keyOf);
}

/** `kind name` of each resource that Pulumi refuses to delete. */
export function protectedIn(resources: readonly Recorded[]): string[] {
  return namesOf(resources.filter(({ isProtected }) => isProtected));
}

/** Checks that an error is one line for people and exactly this one. */
export function refusal(message: string): (error: unknown) => true {
  return (error) => {
    assert.ok(pulumi.RunError.isInstance(error));
    assert.equal(error.message, message);
    return true;
  };
}
