import assert from "node:assert/strict";
import { Network, type NetworkArgs } from "../../../infra/aws/network.ts";
import { record, settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf } from "./recordAws.ts";
import { partsOf, plainNetwork, recordNetwork, usual, zones } from "./recordNetwork.ts";

const [a, b, c] = zones;

describe("network", () => {
  it("is a VPC with three subnets, a NAT gateway and a way out in each zone", async () => {
    const resources = await plainNetwork();
    const expected = [
      ...zones.flatMap(partsOf),
      "DefaultSecurityGroup network-default",
      "FlowLog network-flow-logs",
      "InternetGateway network",
      "LogGroup network-flow-logs",
      "Network network",
      "Role network-flow-logs",
      "RolePolicy network-flow-logs",
      "Route network-public",
      "RouteTable network-database",
      "RouteTable network-public",
      "Vpc network",
      "VpcEndpoint network-s3",
    ];
    assert.deepEqual(namesOf(resources).sort(), expected.sort());
    assert.equal(resources.length, 42);
  });

  it("lays the subnets out by the plan, each with its route table", async () => {
    const resources = await plainNetwork();
    const cidrs = {
      "public-eu-central-1a": "10.0.32.0/22",
      "public-eu-central-1b": "10.0.96.0/22",
      "public-eu-central-1c": "10.0.160.0/22",
      "private-eu-central-1a": "10.0.0.0/19",
      "private-eu-central-1b": "10.0.64.0/19",
      "private-eu-central-1c": "10.0.128.0/19",
      "database-eu-central-1a": "10.0.36.0/22",
      "database-eu-central-1b": "10.0.100.0/22",
      "database-eu-central-1c": "10.0.164.0/22",
    };
    for (const [suffix, cidrBlock] of Object.entries(cidrs)) {
      assert.deepEqual(inputsOf(resources, "Subnet", `network-${suffix}`), {
        vpcId: "network-id",
        cidrBlock,
        availabilityZone: suffix.slice(suffix.indexOf("-") + 1),
        mapPublicIpOnLaunch: false,
        tags: { Name: `web-greetings-prod-${suffix}` },
      });
      const table = suffix.startsWith("private") ? suffix : suffix.split("-")[0];
      assert.deepEqual(inputsOf(resources, "RouteTableAssociation", `network-${suffix}`), {
        subnetId: `network-${suffix}-id`,
        routeTableId: `network-${table}-id`,
      });
    }
    assert.deepEqual(inputsOf(resources, "Vpc", "network"), {
      cidrBlock: "10.0.0.0/16",
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: "web-greetings-prod" },
    });
  });

  it("leads public subnets to the internet, private ones to the NAT of their zone", async () => {
    const resources = await plainNetwork();
    const destinationCidrBlock = "0.0.0.0/0";
    assert.deepEqual(inputsOf(resources, "Route", "network-public"), {
      routeTableId: "network-public-id",
      destinationCidrBlock,
      gatewayId: "network-id",
    });
    for (const zone of [a, b, c]) {
      assert.deepEqual(inputsOf(resources, "Route", `network-private-${zone}`), {
        routeTableId: `network-private-${zone}-id`,
        destinationCidrBlock,
        natGatewayId: `network-nat-${zone}-id`,
      });
      const tags = { Name: `web-greetings-prod-nat-${zone}` };
      assert.deepEqual(inputsOf(resources, "NatGateway", `network-nat-${zone}`), {
        allocationId: `network-nat-${zone}-id`,
        subnetId: `network-public-${zone}-id`,
        tags,
      });
      assert.deepEqual(inputsOf(resources, "Eip", `network-nat-${zone}`), { domain: "vpc", tags });
    }
  });

  it("reaches S3 from every route table without NAT", async () => {
    const resources = await plainNetwork();
    assert.deepEqual(inputsOf(resources, "VpcEndpoint", "network-s3"), {
      vpcId: "network-id",
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.eu-central-1.s3",
      routeTableIds: [
        "network-public-id",
        ...zones.map((zone) => `network-private-${zone}-id`),
        "network-database-id",
      ],
      tags: { Name: "web-greetings-prod-s3" },
    });
  });

  it("lets nothing in or out by the default security group", async () => {
    const resources = await plainNetwork();
    assert.deepEqual(inputsOf(resources, "DefaultSecurityGroup", "network-default"), {
      vpcId: "network-id",
      ingress: [],
      egress: [],
      tags: { Name: "web-greetings-prod-default" },
    });
  });

  it("hands out its subnets in the order of the zones", async () => {
    const given: unknown[] = [];
    await recordNetwork({}, async (network) => {
      given.push(network.cidr, await settle(network.vpcId));
      for (const kind of ["publicSubnetIds", "privateSubnetIds", "databaseSubnetIds"] as const) {
        given.push(await Promise.all(network[kind].map((id) => settle(id))));
      }
    });
    const ids = (kind: string) => zones.map((zone) => `network-${kind}-${zone}-id`);
    const subnets = [ids("public"), ids("private"), ids("database")];
    assert.deepEqual(given, ["10.0.0.0/16", "network-id", ...subnets]);
  });
});

describe("a network that cannot be laid out", () => {
  const rule = "allowed: different zones of one region, such as eu-central-1a, eu-central-1b";
  const refused: Readonly<Record<string, readonly [Partial<NetworkArgs>, string]>> = {
    "its zones are of two regions": [
      { zones: [a, "eu-west-1b"] },
      `the zones of the VPC: got eu-central-1a, eu-west-1b; ${rule}`,
    ],
    "a zone is named twice": [
      { zones: [a, a] },
      `the zones of the VPC: got eu-central-1a, eu-central-1a; ${rule}`,
    ],
    "a zone is no zone": [
      { zones: ["eu-central-1", "eu-central-1"] },
      `the zones of the VPC: got eu-central-1, eu-central-1; ${rule}`,
    ],
    "it has one zone": [{ zones: [a] }, "the zones of the VPC: got 1; allowed: 2 to 4 of them"],
    "its CIDR is too small": [
      { cidr: "10.0.0.0/24" },
      'the CIDR of the VPC: got "10.0.0.0/24", which is too small for the subnets; ' +
        "allowed: an IPv4 network of /16 to /22, such as 10.0.0.0/16",
    ],
  };
  for (const [when, [wishes, message]] of Object.entries(refused)) {
    it(`fails when ${when}, before any resource`, async () => {
      const resources = await record(() => {
        assert.throws(() => new Network("network", { ...usual, ...wishes }), { message });
      });
      assert.deepEqual(resources, []);
    });
  }
});
