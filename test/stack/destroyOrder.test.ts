import assert from "node:assert/strict";
import { keyOf, neededBy } from "../graph.ts";
import type { Recorded } from "../mocks.ts";
import { run, settingsOf } from "./program.ts";

type Choice = (resource: Recorded) => boolean;

const inKubernetes: Choice = ({ type }) => type.startsWith("kubernetes:");
const key =
  (pattern: RegExp): Choice =>
  (resource) =>
    pattern.test(keyOf(resource));

/** What must be gone (each of the first) before what (all of the second). */
const order: readonly (readonly [string, Choice, Choice])[] = [
  ["what is in Kubernetes before nodes", inKubernetes, key(/^NodeGroup /)],
  ["what is in Kubernetes before drivers and names", inKubernetes, key(/^Addon /)],
  ["what is in Kubernetes before who may change it", inKubernetes, key(/^AccessPolicyAss/)],
  ["what is in Kubernetes before the way out", inKubernetes, key(/^(NatGateway|Route) /)],
  [
    "servers before their volumes' class and key",
    key(/^StatefulSet /),
    key(/^(StorageClass fast|Key volumes)$/),
  ],
  ["what runs on nodes before nodes", key(/^Addon (coredns|aws-ebs|metrics)/), key(/^NodeGroup /)],
  ["nodes before their network", key(/^NodeGroup /), key(/^Addon (vpc-cni|kube-proxy|eks-pod)/)],
  [
    "nodes before cluster and rights",
    key(/^NodeGroup /),
    key(/^(Cluster cluster$|RolePolicyAttachment nodes-)/),
  ],
  ["nodes before their group", key(/^NodeGroup /), key(/^SecurityGroup nodes$/)],
  ["the cluster before its subnets", key(/^Cluster /), key(/^(Subnet network-private-|Vpc )/)],
  [
    "the cluster before logs, key and rights",
    key(/^Cluster /),
    key(/^(LogGroup cluster|Key secrets|RolePolicyAttachment cluster-)/),
  ],
  [
    "the load balancer before its subnets",
    key(/^LoadBalancer /),
    key(/^(Subnet network-public-|InternetGateway )/),
  ],
  [
    "the load balancer before its bucket",
    key(/^LoadBalancer /),
    key(/^(BucketPolicy|Bucket) logs$/),
  ],
  ["the load balancer before its group", key(/^LoadBalancer /), key(/^SecurityGroup web$/)],
  ["records before zone and load balancer", key(/^Record zone-web-/), key(/^(Zone|LoadBalancer) /)],
  [
    "listeners before the certificate",
    key(/^Listener web-https$/),
    key(/^Certificate(Validation)? zone-public$/),
  ],
  [
    "pages' names before their bucket's policy and their distribution",
    key(/^Record zone-static-/),
    key(/^(Zone|BucketPolicy static$|Distribution )/),
  ],
  [
    "the bucket's policy before the distribution that it lets in",
    key(/^BucketPolicy static$/),
    key(/^Distribution /),
  ],
  [
    "the distribution before bucket, certificate and what it signs by",
    key(/^Distribution /),
    key(/^(Bucket static$|Certificate(Validation)? zone-static$|OriginAccessControl )/),
  ],
  [
    "the bond of firewall and load balancer before both",
    key(/^WebAclAssociation /),
    key(/^(WebAcl|LoadBalancer) /),
  ],
  [
    "the firewall's log before leave to write it",
    key(/^WebAclLoggingConfiguration /),
    key(/^(WebAcl |LogGroup web-firewall$|LogResourcePolicy )/),
  ],
  [
    "names of web interfaces before what they lead through",
    key(/^Record zone-consul-/),
    key(
      /^(ListenerRule consul|SecurityGroup(Egress|Ingress)Rule console.*|Attachment console-.*)$/,
    ),
  ],
  ["rules before the login", key(/^ListenerRule consul$/), key(/^UserPool(Client|Domain)? login$/)],
  ["what is in the login before it", key(/^User(Pool.+)? login/), key(/^UserPool login$/)],
  [
    "apps before migrations, and these before what the database is called",
    key(/^Deployment greetings-/),
    key(/^(Job migrations|Service database)$/),
  ],
  [
    "clients of the database before it, and before who lets them in",
    key(/^(Job migrations|Service database)$/),
    key(/^(Instance|SecurityGroupIngressRule) database-greetings$/),
  ],
  [
    "the database before its network, key and logs",
    key(/^Instance database-greetings$/),
    key(
      /^((SubnetGroup|SecurityGroup|ParameterGroup|LogGroup|Key) database-|Subnet network-data|Vpc )/,
    ),
  ],
  ["public addresses before the gateway", key(/^NatGateway /), key(/^InternetGateway /)],
];

/** Those of the first that do not wait for all of the second, with what they do not wait for. */
function breaches(resources: readonly Recorded[], first: Choice, second: Choice): string[] {
  const made = resources.filter(({ custom }) => custom);
  const wanted = made.filter(second).map(keyOf);
  return made.filter(first).flatMap((resource) => {
    const needs = neededBy(resources, keyOf(resource));
    const missing = wanted.filter((each) => !needs.has(each));
    return missing.map((each) => `${keyOf(resource)} does not wait for ${each}`);
  });
}

describe("the order in which the prod stack is destroyed", () => {
  let resources: readonly Recorded[] = [];
  before(async () => {
    ({ resources } = await run(settingsOf("prod")));
  });

  for (const [what, first, second] of order) {
    it(`is ${what}`, () => {
      for (const choice of [first, second]) {
        assert.ok(
          resources.some((resource) => resource.custom && choice(resource)),
          "no such one",
        );
      }
      assert.deepEqual(breaches(resources, first, second), []);
    });

    it(`would not be ${what} without what says so`, () => {
      // Whatever the first ones wait for by their own word is forgotten.
      const cut = resources.map((resource) =>
        resource.custom && first(resource) ? { ...resource, after: [], provider: "" } : resource,
      );
      assert.notDeepEqual(breaches(cut, first, second), []);
    });
  }

  it("has an end: nothing waits for itself", () => {
    for (const resource of resources.filter(({ custom }) => custom)) {
      assert.equal(
        neededBy(resources, keyOf(resource)).has(keyOf(resource)),
        false,
        keyOf(resource),
      );
    }
  });
});
