import assert from "node:assert/strict";
import fc from "fast-check";
import { planSubnets, type SubnetPlan } from "../../../infra/aws/subnets.ts";

interface Range {
  readonly first: number;
  /** The address after the last. */
  readonly end: number;
}

function rangeOf(cidr: string): Range {
  const [address = "", prefix] = cidr.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return { first, end: first + 2 ** (32 - Number(prefix)) };
}

function addressesIn(cidr: string | undefined): number {
  const { first, end } = rangeOf(String(cidr));
  return end - first;
}

function allOf(plan: SubnetPlan): string[] {
  return [...plan.public, ...plan.private, ...plan.database];
}

/** CIDRs of every VPC that can be laid out. */
const vpcs = fc
  .tuple(fc.integer({ min: 16, max: 22 }), fc.nat({ max: 2 ** 32 - 1 }))
  .map(([prefix, address]) => {
    const first = address - (address % 2 ** (32 - prefix));
    const octets = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
    return `${octets.join(".")}/${prefix}`;
  });
const zoneCounts = fc.integer({ min: 2, max: 4 });

function holds(property: (plan: SubnetPlan, vpc: string, zones: number) => void): void {
  fc.assert(
    fc.property(vpcs, zoneCounts, (vpc, zones) => property(planSubnets(vpc, zones), vpc, zones)),
    { numRuns: 1000 },
  );
}

describe("subnet plan", () => {
  it("is this for the usual VPC in three zones", () => {
    assert.deepEqual(planSubnets("10.0.0.0/16", 3), {
      public: ["10.0.32.0/22", "10.0.96.0/22", "10.0.160.0/22"],
      private: ["10.0.0.0/19", "10.0.64.0/19", "10.0.128.0/19"],
      database: ["10.0.36.0/22", "10.0.100.0/22", "10.0.164.0/22"],
    });
  });

  it("is this for the smallest VPC in two zones, beyond the half of all addresses", () => {
    assert.deepEqual(planSubnets("192.168.4.0/22", 2), {
      public: ["192.168.4.128/27", "192.168.5.128/27"],
      private: ["192.168.4.0/25", "192.168.5.0/25"],
      database: ["192.168.4.160/27", "192.168.5.160/27"],
    });
  });

  it("has one subnet of each kind in each zone", () => {
    holds((plan, _, zones) => {
      const counts = [plan.public.length, plan.private.length, plan.database.length];
      assert.deepEqual(counts, [zones, zones, zones]);
    });
  });

  it("lies within the VPC, and every subnet begins where its size lets it", () => {
    holds((plan, vpc) => {
      const whole = rangeOf(vpc);
      for (const { first, end } of allOf(plan).map(rangeOf)) {
        assert.ok(first >= whole.first && end <= whole.end);
        assert.equal(first % (end - first), 0);
      }
    });
  });

  it("has no address in two subnets", () => {
    holds((plan) => {
      const ranges = allOf(plan)
        .map(rangeOf)
        .sort((a, b) => a.first - b.first);
      for (const [index, { first }] of ranges.entries()) {
        assert.ok(first >= (ranges[index - 1]?.end ?? 0));
      }
    });
  });

  it("has subnets of one size within a kind, and no fewer than 32 addresses", () => {
    holds((plan) => {
      for (const kind of [plan.public, plan.private, plan.database]) {
        assert.equal(new Set(kind.map(addressesIn)).size, 1);
        assert.ok(addressesIn(kind[0]) >= 32);
      }
    });
  });

  it("gives the pods an eighth of the VPC in each zone, 8 times the public subnet (4 in a /22)", () => {
    holds((plan, vpc) => {
      const inner = addressesIn(plan.private[0]);
      assert.equal(inner * 8, addressesIn(vpc));
      assert.equal(inner / addressesIn(plan.public[0]), vpc.endsWith("/22") ? 4 : 8);
    });
  });

  it("leaves 3/8 of the VPC free even in four zones (1/4 of a /22)", () => {
    holds((_, vpc) => {
      const used = allOf(planSubnets(vpc, 4)).map(addressesIn);
      const size = addressesIn(vpc);
      const free = size - used.reduce((sum, addresses) => sum + addresses, 0);
      assert.equal(free, vpc.endsWith("/22") ? size / 4 : (size * 3) / 8);
    });
  });

  it("is the same every time, and moves no subnet when a zone is appended", () => {
    holds((plan, vpc, zones) => {
      assert.deepEqual(planSubnets(vpc, zones), plan);
      const grown = planSubnets(vpc, 4);
      const before = (cidrs: string[]) => cidrs.slice(0, zones);
      assert.deepEqual(
        {
          public: before(grown.public),
          private: before(grown.private),
          database: before(grown.database),
        },
        plan,
      );
    });
  });

  const allowed = "allowed: an IPv4 network of /16 to /22, such as 10.0.0.0/16";
  const refused: Readonly<Record<string, string>> = {
    "10.0.0.0/23": "too small",
    "10.0.0.0/32": "too small",
    "10.0.0.0/15": "too large",
    "10.0.4.0/16": "10.0.0.0/16",
    "010.0.0.0/16": "10.0.0.0/16",
    "10.0.0.0/33": "malformed",
    "10.0.256.0/22": "malformed",
    "10.0.0/16": "malformed",
    "10.0.0.0": "malformed",
    "fd00::/16": "malformed",
    "10.0.0.0/16 ": "malformed",
    "": "malformed",
  };
  const reasons: Readonly<Record<string, string>> = {
    "too small": "which is too small for the subnets",
    "too large": "which is larger than a VPC may be",
    malformed: "which is no network",
    "10.0.0.0/16": "whose network is 10.0.0.0/16",
  };
  for (const [cidr, reason] of Object.entries(refused)) {
    it(`fails when the CIDR is ${JSON.stringify(cidr)}: ${reason}`, () => {
      assert.throws(() => planSubnets(cidr, 3), {
        name: "Error",
        message: `the CIDR of the VPC: got ${JSON.stringify(cidr)}, ${reasons[reason]}; ${allowed}`,
      });
    });
  }

  for (const zones of [0, 1, 5, 2.5]) {
    it(`fails when it is to have ${zones} zones`, () => {
      assert.throws(() => planSubnets("10.0.0.0/16", zones), {
        message: `the zones of the VPC: got ${zones}; allowed: 2 to 4 of them`,
      });
    });
  }
});
