import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadataOf } from "./labels.ts";

/**
 * A workload's own ServiceAccount, whose token no pod gets unless it asks for it.
 *
 * @returns its name
 */
export function createServiceAccount(
  name: string,
  args: {
    readonly identity: Identity;
    readonly namespace: pulumi.Input<string>;
    /** Its name, where somebody else has to know it. @default one that Pulumi gives */
    readonly fixedName?: string;
  },
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const account = new k8s.core.v1.ServiceAccount(
    name,
    {
      metadata: {
        ...metadataOf(args.identity, args.namespace),
        ...(args.fixedName === undefined ? {} : { name: args.fixedName }),
      },
      automountServiceAccountToken: false,
    },
    { parent },
  );
  return account.metadata.name;
}
