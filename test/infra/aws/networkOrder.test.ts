import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import * as aws from "@pulumi/aws";
import { keyOf, neededBy } from "../../graph.ts";
import type { Recorded } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { partsOf, plainNetwork, recordNetwork, zones } from "./recordNetwork.ts";

const [a, b, c] = zones;

/** An interface in the first subnet that it is given, as load balancers and nodes have. */
function interfaceIn(kind: "publicSubnetIds" | "privateSubnetIds" | "databaseSubnetIds") {
  return recordNetwork({}, (network) => {
    const [subnetId = ""] = network[kind];
    new aws.ec2.NetworkInterface("user", { subnetId }, { parent: network });
  });
}

describe("changes of the network", () => {
  /** `kind name` of what is new or gone, and of what has other inputs. */
  function changes(from: readonly Recorded[], to: readonly Recorded[]) {
    const inputs = (of: readonly Recorded[]) => new Map(of.map((r) => [keyOf(r), r.inputs]));
    const [before, after] = [inputs(from), inputs(to)];
    const both = [...after.keys()].filter((key) => before.has(key));
    return {
      created: [...after.keys()].filter((key) => !before.has(key)).sort(),
      deleted: [...before.keys()].filter((key) => !after.has(key)).sort(),
      updated: both.filter((key) => !isDeepStrictEqual(before.get(key), after.get(key))).sort(),
    };
  }

  it("from one NAT gateway to one per zone only point routes to the new ones", async () => {
    const one = await recordNetwork({ natGateways: "one" });
    assert.deepEqual(changes(one, await plainNetwork()), {
      created: [
        ...[b, c].map((zone) => `Eip network-nat-${zone}`),
        ...[b, c].map((zone) => `NatGateway network-nat-${zone}`),
      ],
      deleted: [],
      updated: [b, c].map((zone) => `Route network-private-${zone}`),
    });
    const { natGatewayId, ...others } = inputsOf(one, "Route", `network-private-${c}`);
    assert.equal(natGatewayId, `network-nat-${a}-id`);
    const { natGatewayId: own, ...same } = inputsOf(
      await plainNetwork(),
      "Route",
      `network-private-${c}`,
    );
    assert.equal(own, `network-nat-${c}-id`);
    assert.deepEqual(same, others);
  });

  it("by one more zone touch nothing of the others", async () => {
    assert.deepEqual(changes(await recordNetwork({ zones: [a, b] }), await plainNetwork()), {
      created: partsOf(c).sort(),
      deleted: [],
      // Its new route table; updated in place.
      updated: ["VpcEndpoint network-s3"],
    });
  });
});

describe("the order of the network", () => {
  it("takes the way out away only after what stands in a private subnet", async () => {
    const needs = neededBy(await interfaceIn("privateSubnetIds"), "NetworkInterface user");
    assert.deepEqual([...needs].sort(), [
      `Eip network-nat-${a}`,
      "InternetGateway network",
      `NatGateway network-nat-${a}`,
      `Route network-private-${a}`,
      "Route network-public",
      `RouteTable network-private-${a}`,
      "RouteTable network-public",
      `RouteTableAssociation network-private-${a}`,
      `RouteTableAssociation network-public-${a}`,
      `Subnet network-private-${a}`,
      `Subnet network-public-${a}`,
      "Vpc network",
    ]);
  });

  it("detaches the internet gateway only after load balancers have gone", async () => {
    const needs = neededBy(await interfaceIn("publicSubnetIds"), "NetworkInterface user");
    assert.deepEqual([...needs].sort(), [
      "InternetGateway network",
      "Route network-public",
      "RouteTable network-public",
      `RouteTableAssociation network-public-${a}`,
      `Subnet network-public-${a}`,
      "Vpc network",
    ]);
  });

  it("lets databases wait for no way out", async () => {
    const needs = neededBy(await interfaceIn("databaseSubnetIds"), "NetworkInterface user");
    assert.deepEqual([...needs].sort(), [
      "RouteTable network-database",
      `RouteTableAssociation network-database-${a}`,
      `Subnet network-database-${a}`,
      "Vpc network",
    ]);
  });
});
