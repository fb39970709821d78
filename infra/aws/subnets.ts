import * as pulumi from "@pulumi/pulumi";

/** EKS stands in two zones at least; the plan keeps a quarter of the VPC for each of four. */
const fewestZones = 2;
const mostZones = 4;
const largest = 16;
const smallest = 22;
/** The smallest subnet that a load balancer of AWS may stand in. */
const smallestEdge = 27;

/** Where the subnets of a VPC lie: CIDRs by kind, one per zone, in the order of the zones. */
export interface SubnetPlan {
  /** Reached from the internet: load balancers and NAT gateways. */
  readonly public: string[];
  /** Nodes and pods, which go out by NAT; half of the VPC when all zones are used. */
  readonly private: string[];
  /** Databases, without any way out. */
  readonly database: string[];
}

/**
 * Lays the subnets out. Every zone has a quarter of the VPC to itself: its lower half is private,
 * the public and the database subnet follow, and the rest is free. So a zone that is appended later
 * moves nothing. Public and database subnets have 1/64 of the VPC each, but at least 32 addresses.
 *
 * @param cidr of the VPC, /16 to /22
 * @param zones how many, 2 to 4
 * @throws pulumi.RunError when the VPC or the number of zones cannot be laid out
 */
export function planSubnets(cidr: string, zones: number): SubnetPlan {
  const { first, prefix } = parseVpc(cidr);
  if (!Number.isInteger(zones) || zones < fewestZones || zones > mostZones) {
    throw new pulumi.RunError(
      `the zones of the VPC: got ${zones}; allowed: ${fewestZones} to ${mostZones} of them`,
    );
  }
  const quarter = prefix + 2;
  const half = quarter + 1;
  const edge = Math.min(prefix + 6, smallestEdge);
  const inEachZone = (length: number, offset: number) =>
    Array.from({ length: zones }, (_, zone) =>
      show(first + zone * sizeOf(quarter) + offset, length),
    );
  return {
    public: inEachZone(edge, sizeOf(half)),
    private: inEachZone(half, 0),
    database: inEachZone(edge, sizeOf(half) + sizeOf(edge)),
  };
}

/** Addresses in a network of a prefix length. */
function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** A network's CIDR by its first address as a number. */
function show(first: number, prefix: number): string {
  const octets = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
  return `${octets.join(".")}/${prefix}`;
}

function parseVpc(cidr: string): { readonly first: number; readonly prefix: number } {
  const refuse = (why: string) =>
    new pulumi.RunError(
      `the CIDR of the VPC: got ${JSON.stringify(cidr)}${why}; ` +
        `allowed: an IPv4 network of /${largest} to /${smallest}, such as 10.0.0.0/16`,
    );
  const [, address = "", length = ""] = /^(\d+(?:\.\d+){3})\/(\d+)$/.exec(cidr) ?? [];
  const octets = address.split(".").map(Number);
  const prefix = Number(length);
  if (address === "" || prefix > 32 || octets.some((octet) => octet > 255)) {
    throw refuse(", which is no network");
  }
  if (prefix > smallest) throw refuse(", which is too small for the subnets");
  if (prefix < largest) throw refuse(", which is larger than a VPC may be");
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const aligned = first - (first % sizeOf(prefix));
  if (show(aligned, prefix) !== cidr) {
    throw refuse(`, whose network is ${show(aligned, prefix)}`);
  }
  return { first, prefix };
}
