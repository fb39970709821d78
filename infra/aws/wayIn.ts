import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config.ts";
import { createLogBucket } from "./buckets.ts";
import { Cdn } from "./cdn.ts";
import { Zone } from "./dns.ts";
import { createFirewall } from "./firewall.ts";
import { LoadBalancer } from "./loadBalancer.ts";
import type { Network } from "./network.ts";
import type { Nodes } from "./nodes.ts";

/** What people come in by, and where to. */
export interface WayInArgs {
  /** Prefix of names in the account. */
  readonly name: string;
  readonly settings: Settings;
  /** Number of the account. */
  readonly account: pulumi.Input<string>;
  readonly network: Network;
  readonly nodes: Nodes;
}

/** What people come in by. */
export interface WaysIn {
  /** To what runs in the cluster. */
  readonly loadBalancer: LoadBalancer;
  /** To web pages. */
  readonly pages: Cdn;
}

/** Names, certificates, the load balancer with what guards it, and web pages beside it. */
export function createWaysIn(args: WayInArgs, parent: pulumi.Resource): WaysIn {
  const { name, settings } = args;
  const { domain, retain } = settings;
  const zone = createZone(settings, parent);
  const loadBalancer = createLoadBalancer(args, zone, parent);
  if (settings.webAcl === "managed") {
    const { arn: loadBalancerArn } = loadBalancer;
    const where = { region: settings.awsRegion, accountId: args.account };
    createFirewall("web", { name, loadBalancerArn, ...where }, parent);
  }
  const pages = new Cdn(
    "static",
    { bucket: `${name}-static`, host: `static.${domain}`, zone, retain },
    { parent },
  );
  return { loadBalancer, pages };
}

function createZone({ domain, hostedZone, retain }: Settings, parent: pulumi.Resource): Zone {
  const create = hostedZone === "create";
  const zone = new Zone("zone", { domain, create, retain }, { parent });
  // While `up` waits for the certificate, this is what people need to know.
  zone.nameServers.apply((servers) => {
    if (create) void pulumi.log.info(`delegate ${domain} to ${servers.join(", ")}`);
  });
  return zone;
}

function createLoadBalancer(
  { name, settings: { domain, retain }, account, network, nodes }: WayInArgs,
  zone: Zone,
  parent: pulumi.Resource,
): LoadBalancer {
  const logs = createLogBucket(
    "logs",
    { bucket: `${name}-logs`, accountId: account, retain },
    parent,
  );
  return new LoadBalancer(
    "web",
    {
      name,
      network,
      zone,
      nodes,
      certificateArn: zone.certificate("public", [domain, `*.${domain}`]),
      logs: logs.name,
      retain,
    },
    { parent },
  );
}
