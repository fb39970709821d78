import type * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Names of the storage classes, by what is kept in them; known once they are there. */
export type StorageClasses = Readonly<Record<"fast" | "bulk", pulumi.Output<string>>>;

/** What volumes are like. */
export interface StorageArgs {
  /** True: a volume outlives its claim, and has to be deleted by hand. Read once, at creation. */
  readonly retain: boolean;
  /** Encrypts the volumes. */
  readonly key: aws.kms.Key;
}

/** Kinds of EBS volumes: gp3 has 3000 operations a second at any size, st1 is disks for streams. */
const types = { fast: "gp3", bulk: "st1" } as const;

/** A class for each kind: encrypted, made in the zone of its first pod, and able to grow. */
export function createStorageClasses(
  { retain, key }: StorageArgs,
  parent: pulumi.Resource,
  provider: k8s.Provider,
): StorageClasses {
  const create = (kind: "fast" | "bulk") =>
    new k8s.storage.v1.StorageClass(
      kind,
      {
        metadata: { name: kind },
        provisioner: "ebs.csi.aws.com",
        parameters: { type: types[kind], encrypted: "true", kmsKeyId: key.arn },
        reclaimPolicy: retain ? "Retain" : "Delete",
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
      },
      // Kubernetes refuses to change it, and volumes keep the one that they were made with.
      { parent, provider, ignoreChanges: ["reclaimPolicy"] },
    ).metadata.name;
  return { fast: create("fast"), bulk: create("bulk") };
}
