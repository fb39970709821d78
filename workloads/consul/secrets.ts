import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Digits of hexadecimal numbers, as a random password is told to take no others. */
const HEX = {
  lower: false,
  upper: false,
  numeric: true,
  special: true,
  overrideSpecial: "abcdef",
} as const;

/**
 * A random number of that many hexadecimal digits, kept in the state as a secret.
 *
 * @param edition another one makes another number
 */
function hex(name: string, digits: number, edition: number, parent: pulumi.Resource) {
  const keepers = { edition: `${edition}` };
  return new random.RandomPassword(name, { ...HEX, length: digits, keepers }, { parent }).result;
}

/** A token of the access control, in the form of a UUID, as Consul wants it. */
export function randomToken(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return hex(name, 32, 1, parent).apply((digits) =>
    digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  );
}

/** A key for gossip: 32 random bytes in base64. */
export function randomGossipKey(
  name: string,
  edition: number,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  return hex(name, 64, edition, parent).apply((digits) =>
    Buffer.from(digits, "hex").toString("base64"),
  );
}
