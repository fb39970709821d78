import * as pulumi from "@pulumi/pulumi";
import { Zone } from "../../../infra/aws/dns.ts";
import {
  type GuardedOpening,
  LoadBalancer,
  type Opening,
} from "../../../infra/aws/loadBalancer.ts";
import { Login } from "../../../infra/aws/login.ts";
import { type Recorded, settle } from "../../mocks.ts";
import { recordAws } from "./recordAws.ts";

/** The host that people open. */
export const web: Opening = {
  host: "web.yourcom.example",
  nodePort: 30443,
  healthPath: "/healthz",
};
const known = (...texts: string[]) => texts.map((text) => pulumi.output(text));

/** A load balancer as it is recorded. */
export interface Balanced {
  readonly resources: readonly Recorded[];
  readonly urls: readonly string[];
}

/** What is recorded of a load balancer with these hosts behind it, zone and all. */
export async function balanced(
  openings: Readonly<Record<string, Opening>>,
  { retain = true, guarded }: { retain?: boolean; guarded?: Omit<GuardedOpening, "login"> } = {},
) {
  const urls: string[] = [];
  const resources = await recordAws(async (opts) => {
    const balancer = new LoadBalancer(
      "lb",
      {
        name: "web-greetings-prod",
        network: { vpcId: pulumi.output("vpc-1"), publicSubnetIds: known("subnet-1", "subnet-2") },
        zone: new Zone("zone", { domain: "yourcom.example", create: true, retain }, opts),
        nodes: {
          autoscalingGroupNames: known("nodes-a", "nodes-b"),
          securityGroupId: pulumi.output("sg-nodes"),
        },
        certificateArn: "arn:certificate",
        logs: "web-greetings-prod-logs",
        retain,
      },
      opts,
    );
    for (const [name, opening] of Object.entries(openings)) {
      urls.push(await settle(balancer.open(name, opening)));
    }
    if (guarded) {
      const hosts = Object.values(guarded.hosts);
      const login = new Login("login", { name: "prod", operators: [], hosts, retain }, opts);
      for (const [name, url] of Object.entries(
        balancer.openGuarded("console", { ...guarded, login }),
      )) {
        urls.push(`${name}: ${await settle(url)}`);
      }
    }
  });
  return { resources, urls } satisfies Balanced;
}
