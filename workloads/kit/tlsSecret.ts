import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Leaf } from "../../infra/pki.ts";
import { checksum } from "./checksum.ts";
import { type Identity, metadataOf } from "./labels.ts";

/** Where a leaf certificate goes. */
export interface TlsSecretArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly leaf: Leaf;
}

/** A certificate as pods mount it. */
export interface TlsSecret {
  /** A volume of `tls.key`, `tls.crt`, `ca.crt` and `keystore.pem`, for pods. */
  readonly volume: k8s.types.input.core.v1.Volume;
  /** Changes with the certificate, for the pod template. */
  readonly checksum: pulumi.Output<string>;
}

/** Readable by the pod's group, which is its own, and by nobody else. */
const MODE = 0o440;

/**
 * A leaf certificate as a Secret: `tls.key` (PKCS#8), `tls.crt`, `ca.crt`, and `keystore.pem`, which
 * is key and certificate in one file as Java's servers want it.
 *
 * @param volumeName what the pod's volume is called
 */
export function createTlsSecret(
  name: string,
  args: TlsSecretArgs,
  volumeName: string,
  parent: pulumi.Resource,
): TlsSecret {
  const { identity, namespace, leaf } = args;
  const secret = new k8s.core.v1.Secret(
    name,
    {
      metadata: metadataOf(identity, namespace),
      type: "Opaque",
      stringData: {
        "tls.key": leaf.keyPem,
        "tls.crt": leaf.certPem,
        "ca.crt": leaf.caPem,
        "keystore.pem": pulumi.interpolate`${leaf.keyPem}\n${leaf.certPem}`,
      },
    },
    { parent },
  );
  return {
    volume: {
      name: volumeName,
      secret: { secretName: secret.metadata.name, defaultMode: MODE },
    },
    // The key has a new certificate whenever it changes; so nothing secret need be hashed.
    checksum: checksum({ certificate: leaf.certPem, authority: leaf.caPem }),
  };
}
