import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";
import { createInterfaceEndpoints, createS3Endpoint } from "./endpoints.ts";
import { createFlowLogs } from "./flowLogs.ts";
import { planSubnets, type SubnetPlan } from "./subnets.ts";

const anywhere = "0.0.0.0/0";

/** How large the network is and where it stands. */
export interface NetworkArgs {
  /** Unique in the account; names the VPC and its parts, the flow logs and their role. */
  readonly name: string;
  /** CIDR of the VPC, /16 to /22. */
  readonly cidr: string;
  /** Names of 2 to 4 zones of one region; new ones go to the end, so that no subnet moves. */
  readonly zones: readonly string[];
  /** One NAT gateway, in the first zone, or one in each, so that zones fail alone. */
  readonly natGateways: "one" | "perZone";
  /** Services of AWS with addresses in the VPC, such as `ecr.api`; S3 has a route in any case. */
  readonly interfaceEndpoints: readonly string[];
}

interface Subnet {
  readonly zone: string;
  /** Known only once the subnet has its route table. */
  readonly id: pulumi.Output<string>;
  readonly table: aws.ec2.RouteTable;
}

/**
 * A VPC with public, private and database subnets in each zone. People come in by load balancers in
 * the public ones; nodes and pods in the private ones go out by NAT; databases go nowhere. S3 is
 * reached from all of them without NAT, other services from where endpoints are asked for. Who
 * talked to whom is logged.
 *
 * The subnets' ids are handed out only with their routes: what stands in a subnet comes after its
 * way out and is gone before it. So on destroy nothing is cut off from AWS while it clears up, and
 * the internet gateway goes when no public address is in use any more, for AWS keeps it until then.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** In the order of the zones; reached from the internet. */
  readonly publicSubnetIds: pulumi.Output<string>[];
  /** In the order of the zones; they go out by NAT. */
  readonly privateSubnetIds: pulumi.Output<string>[];
  /** In the order of the zones; they have no way out. */
  readonly databaseSubnetIds: pulumi.Output<string>[];
  /** CIDRs of the public subnets, in the order of the zones. */
  readonly publicCidrs: readonly string[];
  /** CIDRs of the database subnets, in the order of the zones. */
  readonly databaseCidrs: readonly string[];
  /** CIDR of the VPC. */
  readonly cidr: string;
  readonly #name: string;
  readonly #args: NetworkArgs;
  readonly #plan: SubnetPlan;

  /** @throws pulumi.RunError when the CIDR or the zones cannot be laid out, before any resource */
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = planSubnets(args.cidr, args.zones.length);
    const region = regionOf(args.zones);
    super("web-greetings:aws:Network", name, {}, opts);
    this.#name = name;
    this.#args = args;
    this.#plan = plan;
    this.cidr = args.cidr;
    this.publicCidrs = plan.public;
    this.databaseCidrs = plan.database;
    const vpc = new aws.ec2.Vpc(
      name,
      {
        cidrBlock: args.cidr,
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: { Name: args.name },
      },
      { parent: this },
    );
    this.vpcId = vpc.id;
    createFlowLogs(`${name}-flow-logs`, { name: args.name, vpcId: vpc.id }, this);
    this.#emptyDefaultGroup();

    const open = this.#publicSubnets();
    const inner = this.#subnets("private", (zone) => this.#table(`private-${zone}`));
    const closedTable = this.#table("database");
    const closed = this.#subnets("database", () => closedTable);
    this.publicSubnetIds = open.map(({ id }) => id);
    const routed = this.#routeByNat(inner, open);
    this.databaseSubnetIds = closed.map(({ id }) => id);
    const within = { name: args.name, vpcId: this.vpcId, region };
    const tables = new Set([...open, ...inner, ...closed].map(({ table }) => table));
    createS3Endpoint(name, { ...within, routeTableIds: [...tables].map(({ id }) => id) }, this);
    const endpoints = createInterfaceEndpoints(
      name,
      { ...within, cidr: args.cidr, subnetIds: routed, services: args.interfaceEndpoints },
      this,
    );
    this.privateSubnetIds = routed.map((id) => after(id, endpoints));
    this.registerOutputs({ vpcId: this.vpcId, cidr: this.cidr });
  }

  /** The group that AWS gives to whatever names none: it lets nothing in or out. */
  #emptyDefaultGroup(): void {
    new aws.ec2.DefaultSecurityGroup(
      `${this.#name}-default`,
      { vpcId: this.vpcId, ingress: [], egress: [], tags: this.#tags("default") },
      { parent: this },
    );
  }

  #publicSubnets(): Subnet[] {
    const gateway = new aws.ec2.InternetGateway(
      this.#name,
      { vpcId: this.vpcId, tags: { Name: this.#args.name } },
      { parent: this },
    );
    const table = this.#table("public");
    const route = new aws.ec2.Route(
      `${this.#name}-public`,
      { routeTableId: table.id, destinationCidrBlock: anywhere, gatewayId: gateway.id },
      { parent: this },
    );
    const subnets = this.#subnets("public", () => table);
    return subnets.map((subnet) => ({ ...subnet, id: after(subnet.id, [route]) }));
  }

  /** Subnets of a kind in all zones; `tableOf` gives each its route table. */
  #subnets(kind: keyof SubnetPlan, tableOf: (zone: string) => aws.ec2.RouteTable): Subnet[] {
    return this.#plan[kind].map((cidrBlock, index) => {
      const zone = String(this.#args.zones[index]);
      const name = `${this.#name}-${kind}-${zone}`;
      const table = tableOf(zone);
      // No public addresses on launch: load balancers and NAT bring their own, others get none.
      const subnet = new aws.ec2.Subnet(
        name,
        {
          vpcId: this.vpcId,
          cidrBlock,
          availabilityZone: zone,
          mapPublicIpOnLaunch: false,
          tags: this.#tags(`${kind}-${zone}`),
        },
        { parent: this },
      );
      const association = new aws.ec2.RouteTableAssociation(
        name,
        { subnetId: subnet.id, routeTableId: table.id },
        { parent: this },
      );
      return { zone, table, id: after(subnet.id, [association]) };
    });
  }

  #table(suffix: string): aws.ec2.RouteTable {
    return new aws.ec2.RouteTable(
      `${this.#name}-${suffix}`,
      { vpcId: this.vpcId, tags: this.#tags(suffix) },
      { parent: this },
    );
  }

  /**
   * A way out for each private subnet. Each has a table of its own even where they share a gateway,
   * so that going from one gateway to one per zone changes routes and replaces nothing.
   *
   * @returns ids of the private subnets, known only once their way out stands
   */
  #routeByNat(inner: readonly Subnet[], open: readonly Subnet[]): pulumi.Output<string>[] {
    const hosts = this.#args.natGateways === "one" ? open.slice(0, 1) : open;
    const gateways = hosts.map((host) => this.#natGateway(host).id);
    return inner.map(({ zone, id, table }, index) => {
      const natGatewayId = gateways[index % gateways.length];
      if (natGatewayId === undefined) return id;
      const route = new aws.ec2.Route(
        `${this.#name}-private-${zone}`,
        { routeTableId: table.id, destinationCidrBlock: anywhere, natGatewayId },
        { parent: this },
      );
      return after(id, [route]);
    });
  }

  #natGateway({ zone, id }: Subnet): aws.ec2.NatGateway {
    const name = `${this.#name}-nat-${zone}`;
    const tags = this.#tags(`nat-${zone}`);
    const address = new aws.ec2.Eip(name, { domain: "vpc", tags }, { parent: this });
    return new aws.ec2.NatGateway(
      name,
      { allocationId: address.id, subnetId: id, tags },
      { parent: this },
    );
  }

  #tags(suffix: string): { readonly Name: string } {
    return { Name: `${this.#args.name}-${suffix}` };
  }
}

/** The region that all the zones are of. */
function regionOf(zones: readonly string[]): string {
  const regions = new Set(zones.map((zone) => /^([a-z]+(?:-[a-z]+)+-\d)[a-z]$/.exec(zone)?.[1]));
  const [region] = regions;
  if (region === undefined || regions.size > 1 || new Set(zones).size < zones.length) {
    throw new pulumi.RunError(
      `the zones of the VPC: got ${zones.join(", ")}; ` +
        "allowed: different zones of one region, such as eu-central-1a, eu-central-1b",
    );
  }
  return region;
}
