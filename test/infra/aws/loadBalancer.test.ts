import assert from "node:assert/strict";
import { neededBy } from "../../graph.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf } from "./recordAws.ts";
import { type Balanced, balanced, web } from "./recordBalancer.ts";

let shut: Balanced;
let open: Balanced;

before(async () => {
  shut = await balanced({});
  open = await balanced({ web });
});

describe("load balancer", () => {
  it("is a balancer, its group with two ways in, and two listeners", () => {
    assert.deepEqual(namesOf(shut.resources), [
      "SecurityGroup lb",
      "Listener lb-http",
      "Listener lb-https",
      "LoadBalancer lb",
      "Zone zone",
      "SecurityGroupIngressRule lb-http",
      "SecurityGroupIngressRule lb-https",
      "LoadBalancer lb",
      "Zone zone",
    ]);
  });

  it("stands in the public subnets, logs, and drops what is no header", () => {
    assert.deepEqual(inputsOf(shut.resources, "lb/loadBalancer:LoadBalancer", "lb"), {
      loadBalancerType: "application",
      internal: false,
      subnets: ["subnet-1", "subnet-2"],
      securityGroups: ["lb-id"],
      dropInvalidHeaderFields: true,
      enableDeletionProtection: true,
      idleTimeout: 60,
      accessLogs: { bucket: "web-greetings-prod-logs", enabled: true },
      tags: { Name: "web-greetings-prod" },
    });
  });

  it("can be deleted where nothing is retained", async () => {
    const { resources } = await balanced({}, { retain: false });
    const { enableDeletionProtection } = inputsOf(resources, "lb/loadBalancer:LoadBalancer", "lb");
    assert.equal(enableDeletionProtection, false);
  });

  it("lets the world in by ports 80 and 443 alone", () => {
    const rules = shut.resources.filter(({ type }) => type.includes("SecurityGroup"));
    const { ingress, egress } = inputsOf(shut.resources, "SecurityGroup", "lb");
    assert.deepEqual([ingress, egress], [undefined, undefined]);
    assert.deepEqual(
      rules.slice(1).map(({ inputs }) => inputs),
      (["http", "https"] as const).map((scheme) => ({
        securityGroupId: "lb-id",
        description: `people, by ${scheme}`,
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: { http: 80, https: 443 }[scheme],
        toPort: { http: 80, https: 443 }[scheme],
      })),
    );
  });

  it("sends people from HTTP to HTTPS, which is TLS 1.2 or later", () => {
    assert.deepEqual(inputsOf(shut.resources, "Listener", "lb-http"), {
      loadBalancerArn: "arn:lb",
      port: 80,
      protocol: "HTTP",
      defaultActions: [
        {
          type: "redirect",
          redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" },
        },
      ],
    });
    const response = { contentType: "text/plain", messageBody: "no such host", statusCode: "404" };
    assert.deepEqual(inputsOf(shut.resources, "Listener", "lb-https"), {
      loadBalancerArn: "arn:lb",
      port: 443,
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      certificateArn: "arn:certificate",
      defaultActions: [{ type: "fixed-response", fixedResponse: response }],
    });
  });
});

describe("an opening of the load balancer", () => {
  it("is known by its URL, and is nothing but these", () => {
    assert.deepEqual(open.urls, ["https://web.yourcom.example"]);
    const more = namesOf(open.resources).filter((name) => !namesOf(shut.resources).includes(name));
    assert.deepEqual(more, [
      "Attachment web-1",
      "Attachment web-2",
      "ListenerRule web",
      "TargetGroup web",
      "Record zone-web-a",
      "Record zone-web-aaaa",
      "SecurityGroupEgressRule web",
      "SecurityGroupIngressRule web",
    ]);
  });

  it("passes the host's requests on by TLS to a port of all nodes that answer", () => {
    assert.deepEqual(inputsOf(open.resources, "TargetGroup", "web"), {
      vpcId: "vpc-1",
      targetType: "instance",
      protocol: "HTTPS",
      port: 30443,
      deregistrationDelay: 15,
      healthCheck: {
        protocol: "HTTPS",
        path: "/healthz",
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
    });
    assert.deepEqual(inputsOf(open.resources, "ListenerRule", "web"), {
      listenerArn: "arn:lb-https",
      conditions: [{ hostHeader: { values: ["web.yourcom.example"] } }],
      actions: [{ type: "forward", targetGroupArn: "arn:web" }],
    });
    assert.deepEqual(
      [1, 2].map((index) => inputsOf(open.resources, "Attachment", `web-${index}`)),
      ["nodes-a", "nodes-b"].map((autoscalingGroupName) => ({
        autoscalingGroupName,
        lbTargetGroupArn: "arn:web",
      })),
    );
  });

  it("lets the load balancer reach that port of the nodes, and the nodes admit it there", () => {
    const port = { ipProtocol: "tcp", fromPort: 30443, toPort: 30443 };
    assert.deepEqual(inputsOf(open.resources, "SecurityGroupEgressRule", "web"), {
      securityGroupId: "lb-id",
      description: "requests for web",
      referencedSecurityGroupId: "sg-nodes",
      ...port,
    });
    assert.deepEqual(inputsOf(open.resources, "SecurityGroupIngressRule", "web"), {
      securityGroupId: "sg-nodes",
      description: "requests for web from the load balancer",
      referencedSecurityGroupId: "lb-id",
      ...port,
    });
  });

  it("has a name of its own that leads to the load balancer", () => {
    const { name, aliases } = inputsOf(open.resources, "Record", "zone-web-a");
    const alias = { name: "lb.elb.example", zoneId: "ZELB", evaluateTargetHealth: true };
    assert.deepEqual([name, aliases], ["web.yourcom.example", [alias]]);
  });

  it("stands beside others", async () => {
    const consul = { host: "consul.yourcom.example", nodePort: 30501, healthPath: "/ui/" };
    const { resources, urls } = await balanced({ web, consul });
    assert.deepEqual(urls, ["https://web.yourcom.example", "https://consul.yourcom.example"]);
    const ports = ["web", "consul"].map((name) => inputsOf(resources, "TargetGroup", name).port);
    assert.deepEqual(ports, [30443, 30501]);
  });

  it("goes name first: each record after all that answers, and the zone and the group last", () => {
    for (const record of ["zone-web-a", "zone-web-aaaa"]) {
      assert.deepEqual([...neededBy(open.resources, `Record ${record}`)].sort(), [
        "Attachment web-1",
        "Attachment web-2",
        "Listener lb-https",
        "ListenerRule web",
        "LoadBalancer lb",
        "SecurityGroup lb",
        "SecurityGroupEgressRule web",
        "SecurityGroupIngressRule web",
        "TargetGroup web",
        "Zone zone",
      ]);
    }
  });
});
