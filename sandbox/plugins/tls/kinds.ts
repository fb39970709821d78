import type { Kind } from "../bridged/kind.ts";
import { certRequest, locallySignedCert, selfSignedCert } from "./certificates.ts";
import { privateKey } from "./privateKey.ts";

/** What the stand-in for the tls plugin (SDK 5.6) can make, by type token; `now` is the clock. */
export function tlsKinds(now: () => Date): Readonly<Record<string, Kind>> {
  return {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert(now),
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert(now),
  };
}
