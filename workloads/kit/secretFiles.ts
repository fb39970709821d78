import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { checksum } from "./checksum.ts";
import { type Identity, metadataOf } from "./labels.ts";

/** Secret files as pods mount them. */
export interface SecretFiles {
  /** A volume with a file for each, for pods; readable by the pod's group, which is its own. */
  readonly volume: k8s.types.input.core.v1.Volume;
  /** Changes with the files and tells nothing about them, for the pod template. */
  readonly checksum: pulumi.Output<string>;
}

/** Secret files as a Secret, in a volume called `secrets`. */
export function createSecretFiles(
  name: string,
  args: { readonly identity: Identity; readonly namespace: pulumi.Input<string> },
  files: Readonly<Record<string, pulumi.Output<string>>>,
  parent: pulumi.Resource,
): SecretFiles {
  const secret = new k8s.core.v1.Secret(
    `${name}-secrets`,
    {
      metadata: metadataOf(args.identity, args.namespace),
      type: "Opaque",
      stringData: { ...files },
    },
    { parent },
  );
  const secretName = secret.metadata.name;
  return {
    volume: { name: "secrets", secret: { secretName, defaultMode: 0o440 } },
    // A Secret with other contents is another one, under another name.
    checksum: checksum({ name: secretName }),
  };
}
