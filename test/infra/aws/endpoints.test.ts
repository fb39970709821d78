import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { neededBy } from "../../graph.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf } from "./recordAws.ts";
import { plainNetwork, recordNetwork, zones } from "./recordNetwork.ts";

const wishes = { interfaceEndpoints: ["ecr.api", "ecr.dkr"] };

describe("interface endpoints", () => {
  it("are one a service, and one group that they share", async () => {
    const without = new Set(namesOf(await plainNetwork()));
    const more = namesOf(await recordNetwork(wishes)).filter((name) => !without.has(name));
    assert.deepEqual(more, [
      "SecurityGroup network-endpoints",
      "VpcEndpoint network-ecr.api",
      "VpcEndpoint network-ecr.dkr",
      "SecurityGroupIngressRule network-endpoints",
    ]);
  });

  it("have addresses in every private subnet, and the names that the services have", async () => {
    const resources = await recordNetwork(wishes);
    for (const service of wishes.interfaceEndpoints) {
      assert.deepEqual(inputsOf(resources, "VpcEndpoint", `network-${service}`), {
        vpcId: "network-id",
        vpcEndpointType: "Interface",
        serviceName: `com.amazonaws.eu-central-1.${service}`,
        privateDnsEnabled: true,
        subnetIds: zones.map((zone) => `network-private-${zone}-id`),
        securityGroupIds: ["network-endpoints-id"],
        tags: { Name: `web-greetings-prod-${service}` },
      });
    }
  });

  it("are asked by the VPC alone, by HTTPS", async () => {
    const resources = await recordNetwork(wishes);
    const { ingress, egress } = inputsOf(resources, "SecurityGroup", "network-endpoints");
    assert.deepEqual([ingress, egress], [undefined, undefined]);
    assert.deepEqual(inputsOf(resources, "SecurityGroupIngressRule", "network-endpoints"), {
      securityGroupId: "network-endpoints-id",
      description: "the VPC, by https",
      cidrIpv4: "10.0.0.0/16",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    });
  });

  it("are there before what stands in the private subnets, and gone after it", async () => {
    const resources = await recordNetwork(wishes, (network) => {
      const [subnetId = ""] = network.privateSubnetIds;
      new aws.ec2.NetworkInterface("node", { subnetId }, { parent: network });
    });
    const needs = neededBy(resources, "NetworkInterface node");
    for (const service of wishes.interfaceEndpoints) {
      assert.ok(needs.has(`VpcEndpoint network-${service}`), service);
    }
  });
});
