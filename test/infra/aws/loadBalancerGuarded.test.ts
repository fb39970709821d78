import assert from "node:assert/strict";
import { neededBy } from "../../graph.ts";
import type { Recorded } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf } from "./recordAws.ts";
import { type Balanced, balanced, web } from "./recordBalancer.ts";

describe("a guarded opening of the load balancer", () => {
  const hosts = { consul: "consul.yourcom.example", grafana: "grafana.yourcom.example" };
  let resources: readonly Recorded[] = [];
  let urls: readonly string[] = [];
  let open: Balanced;

  before(async () => {
    const guarded = { hosts, nodePort: 30501, healthPath: "/healthz" };
    ({ resources, urls } = await balanced({ web }, { guarded }));
    open = await balanced({ web });
  });

  it("is known by a URL each, and has one target for all, and a rule and a name for each", () => {
    assert.deepEqual(urls.slice(1), [
      "consul: https://consul.yourcom.example",
      "grafana: https://grafana.yourcom.example",
    ]);
    const more = namesOf(resources).filter((name) => !namesOf(open.resources).includes(name));
    assert.deepEqual(
      more.filter((name) => !name.endsWith(" login")),
      [
        "Attachment console-1",
        "Attachment console-2",
        "ListenerRule consul",
        "ListenerRule grafana",
        "TargetGroup console",
        "Record zone-consul-a",
        "Record zone-consul-aaaa",
        "Record zone-grafana-a",
        "Record zone-grafana-aaaa",
        "SecurityGroupEgressRule console",
        "SecurityGroupEgressRule console-login",
        "SecurityGroupIngressRule console",
      ],
    );
    assert.equal(inputsOf(resources, "TargetGroup", "console").port, 30501);
  });

  it("has people log in before their requests are passed on", () => {
    for (const [name, host] of Object.entries(hosts)) {
      assert.deepEqual(inputsOf(resources, "ListenerRule", name), {
        listenerArn: "arn:lb-https",
        conditions: [{ hostHeader: { values: [host] } }],
        actions: [
          {
            type: "authenticate-cognito",
            authenticateCognito: {
              userPoolArn: "arn:login",
              userPoolClientId: "login-id",
              userPoolDomain: "prod",
              scope: "openid email",
              sessionTimeout: 28_800,
              onUnauthenticatedRequest: "authenticate",
            },
          },
          { type: "forward", targetGroupArn: "arn:console" },
        ],
      });
    }
  });

  it("lets the load balancer ask Cognito, which no other opening does", () => {
    assert.deepEqual(inputsOf(resources, "SecurityGroupEgressRule", "console-login"), {
      securityGroupId: "lb-id",
      description: "questions to Cognito about people",
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    });
    assert.equal(namesOf(open.resources).join().includes("-login"), false);
  });

  it("goes name first, and the rule before who may log in is forgotten", () => {
    const needs = neededBy(resources, "Record zone-consul-a");
    for (const need of [
      "ListenerRule consul",
      "SecurityGroupEgressRule console",
      "SecurityGroupEgressRule console-login",
      "SecurityGroupIngressRule console",
      "Attachment console-1",
    ]) {
      assert.ok(needs.has(need), need);
    }
    const ofRule = neededBy(resources, "ListenerRule consul");
    for (const part of ["UserPool", "UserPoolClient", "UserPoolDomain"]) {
      assert.ok(ofRule.has(`${part} login`), part);
    }
  });
});
