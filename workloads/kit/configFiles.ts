import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { checksum } from "./checksum.ts";
import { type Identity, metadataOf } from "./labels.ts";

/** Configuration files as pods mount them. */
export interface ConfigFiles {
  /** A volume with a file for each, for pods. */
  readonly volume: k8s.types.input.core.v1.Volume;
  /** Changes with the files, for the pod template. */
  readonly checksum: pulumi.Output<string>;
}

/**
 * Configuration files, nothing secret among them, as a ConfigMap.
 *
 * @param volumeName what the pod's volume is called
 */
export function createConfigFiles(
  name: string,
  args: {
    readonly identity: Identity;
    readonly namespace: pulumi.Input<string>;
    readonly files: Readonly<Record<string, pulumi.Input<string>>>;
  },
  volumeName: string,
  parent: pulumi.Resource,
): ConfigFiles {
  const map = new k8s.core.v1.ConfigMap(
    name,
    { metadata: metadataOf(args.identity, args.namespace), data: { ...args.files } },
    { parent },
  );
  return {
    volume: { name: volumeName, configMap: { name: map.metadata.name } },
    checksum: checksum(args.files),
  };
}
