import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { keyOf, neededBy } from "./graph.ts";
import { type Recorded, record } from "./mocks.ts";

/** A cluster in a subnet on a provider of its own, in it a claim for a pod, and a bucket besides. */
function program() {
  const provider = new aws.Provider("aws", { region: "eu-central-1" });
  const network = new pulumi.ComponentResource("test:Network", "network", {}, { provider });
  const subnet = new aws.ec2.Subnet("a", { vpcId: "vpc-1" }, { parent: network });
  const cluster = new aws.eks.Cluster(
    "main",
    { roleArn: "arn:role", vpcConfig: { subnetIds: [subnet.id] } },
    { provider },
  );
  const kubernetes = new k8s.Provider("cluster", { kubeconfig: cluster.endpoint });
  const claim = new k8s.core.v1.PersistentVolumeClaim("data", {}, { provider: kubernetes });
  new k8s.core.v1.Pod("app", {}, { provider: kubernetes, dependsOn: [claim, network] });
  new aws.s3.Bucket("alone", {});
}

function fake(type: string, name: string, after: readonly string[] = []): Recorded {
  const urns = after.map((of) => `urn:pulumi:dev::web-greetings::test:Room$${of}`);
  return { type, name, inputs: {}, provider: "", custom: true, after: urns };
}

describe("what a resource needs", () => {
  let resources: readonly Recorded[];

  before(async () => {
    resources = await record(program);
  });

  it("is what it waits for, near and far, and its provider with all that this needs", () => {
    assert.deepEqual([...neededBy(resources, "Pod app")].sort(), [
      "Cluster main",
      "PersistentVolumeClaim data",
      "Subnet a",
      "aws aws",
      "kubernetes cluster",
    ]);
    assert.deepEqual([...neededBy(resources, "PersistentVolumeClaim data")].sort(), [
      "Cluster main",
      "Subnet a",
      "aws aws",
      "kubernetes cluster",
    ]);
    assert.deepEqual([...neededBy(resources, "Subnet a")], ["aws aws"]);
  });

  it("is nothing where it names nothing and has no explicit provider", () => {
    assert.deepEqual([...neededBy(resources, "Bucket alone")], []);
    assert.deepEqual([...neededBy(resources, "aws aws")], []);
  });

  it("is found without a provider that has been left out", () => {
    const others = resources.filter((resource) => keyOf(resource) !== "aws aws");
    assert.deepEqual([...neededBy(others, "Cluster main")], ["Subnet a"]);
  });

  it("is less by each edge that is taken away", () => {
    const cut = resources.map((resource) =>
      resource.name === "cluster" ? { ...resource, after: [] } : resource,
    );
    assert.deepEqual([...neededBy(cut, "PersistentVolumeClaim data")], ["kubernetes cluster"]);
  });

  it("is found once where two ways lead to it", () => {
    const diamond = [
      fake("aws:ec2/vpc:Vpc", "it"),
      fake("aws:ec2/subnet:Subnet", "a", ["aws:ec2/vpc:Vpc::it"]),
      fake("aws:ec2/subnet:Subnet", "b", ["aws:ec2/vpc:Vpc::it"]),
      fake("aws:lb/loadBalancer:LoadBalancer", "it", [
        "aws:ec2/subnet:Subnet::a",
        "aws:ec2/subnet:Subnet::b",
      ]),
    ];
    assert.deepEqual([...neededBy(diamond, "LoadBalancer it")].sort(), [
      "Subnet a",
      "Subnet b",
      "Vpc it",
    ]);
  });

  it("is itself too where it waits for itself in the end", () => {
    const ring = [
      fake("test:Key", "a", ["test:Role::b"]),
      fake("test:Role", "b", ["test:Key::a"]),
      fake("test:Topic", "c", ["test:Key::a"]),
    ];
    assert.deepEqual([...neededBy(ring, "Key a")].sort(), ["Key a", "Role b"]);
    assert.deepEqual([...neededBy(ring, "Topic c")].sort(), ["Key a", "Role b"]);
  });

  it("fails when no resource or more than one has the name, and for a component", () => {
    const twice = [fake("aws:iam/role:Role", "it"), fake("kubernetes:rbac/v1:Role", "it")];
    const cases: [readonly Recorded[], string, string][] = [
      [resources, "Pod other", "no resource is Pod other"],
      [resources, "Network network", "no resource is Network network"],
      [twice, "Role it", "two resources are Role it"],
      [[fake("test:Topic", "it", ["test:Key::gone"])], "Topic it", "no resource is Key gone"],
    ];
    for (const [of, key, message] of cases) assert.throws(() => neededBy(of, key), { message });
  });
});
