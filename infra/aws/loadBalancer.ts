import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";
import type { Zone } from "./dns.ts";
import type { Network } from "./network.ts";
import type { Nodes } from "./nodes.ts";

const HTTP = 80;
const HTTPS = 443;
/** TLS 1.3 and 1.2, and only ciphers with forward secrecy. */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";
const EVERYBODY = "0.0.0.0/0";
/** Seconds that a connection may be silent. */
const IDLE_TIMEOUT = 60;
/** Seconds that requests have to end on a node that is taken out. */
const DRAINING = 15;

/** What people's way in is made of. */
export interface LoadBalancerArgs {
  /** What it is called in the account. */
  readonly name: string;
  /** Where it stands: in the public subnets. */
  readonly network: Pick<Network, "vpcId" | "publicSubnetIds">;
  /** Where its hosts get their names. */
  readonly zone: Pick<Zone, "record">;
  /** Whom it passes requests to. */
  readonly nodes: Pick<Nodes, "autoscalingGroupNames" | "securityGroupId">;
  /** Certificate for all its hosts; issued. */
  readonly certificateArn: pulumi.Input<string>;
  /** Name of the bucket for access logs, known once it may write there: AWS tries at once. */
  readonly logs: pulumi.Input<string>;
  /** True: AWS refuses to delete it. */
  readonly retain: boolean;
}

/** One host behind the load balancer. */
export interface Opening {
  /** Name that people open, in the certificate. */
  readonly host: string;
  /** Port of the nodes behind which it serves HTTPS; no other opening has it. */
  readonly nodePort: pulumi.Input<number>;
  /** Path that answers 200 while it can serve. */
  readonly healthPath: string;
}

/**
 * The one way in from the internet: an application load balancer that ends TLS, and passes each
 * host's requests on to a port of the nodes, again by TLS. It is ours and no controller's, so that
 * destroying the stack takes it whole.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly #args: LoadBalancerArgs;
  readonly #group: aws.ec2.SecurityGroup;
  readonly #balancer: aws.lb.LoadBalancer;
  readonly #https: aws.lb.Listener;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:LoadBalancer", name, {}, opts);
    this.#args = args;
    this.#group = this.#createGroup(name);
    this.#balancer = new aws.lb.LoadBalancer(
      name,
      {
        loadBalancerType: "application",
        internal: false,
        subnets: [...args.network.publicSubnetIds],
        securityGroups: [this.#group.id],
        dropInvalidHeaderFields: true,
        enableDeletionProtection: args.retain,
        idleTimeout: IDLE_TIMEOUT,
        accessLogs: { bucket: args.logs, enabled: true },
        tags: { Name: args.name },
      },
      { parent: this },
    );
    this.#https = this.#createListeners(name);
    this.registerOutputs({ dnsName: this.#balancer.dnsName });
  }

  /**
   * Opens a port of the nodes to people, under a host name.
   *
   * @param of resource name, unique in the stack; the target group's begins with it, so that AWS,
   *   which takes 32 characters with the 8 that Pulumi adds, takes 24 of it
   * @returns the URL that people open, known once requests get through
   */
  open(of: string, { host, nodePort, healthPath }: Opening): pulumi.Output<string> {
    const targets = new aws.lb.TargetGroup(
      of,
      {
        vpcId: this.#args.network.vpcId,
        targetType: "instance",
        protocol: "HTTPS",
        port: nodePort,
        deregistrationDelay: DRAINING,
        healthCheck: {
          protocol: "HTTPS",
          path: healthPath,
          matcher: "200",
          interval: 10,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
      },
      { parent: this },
    );
    // Without a priority it gets the next one that is free: no two rules are for the same host.
    const rule = new aws.lb.ListenerRule(
      of,
      {
        listenerArn: this.#https.arn,
        conditions: [{ hostHeader: { values: [host] } }],
        actions: [{ type: "forward", targetGroupArn: targets.arn }],
      },
      { parent: this },
    );
    const attachments = this.#args.nodes.autoscalingGroupNames.map(
      (autoscalingGroupName, index) => {
        const group = { autoscalingGroupName, lbTargetGroupArn: targets.arn };
        return new aws.autoscaling.Attachment(`${of}-${index + 1}`, group, { parent: this });
      },
    );
    const admissions = this.#admit(of, host, nodePort);
    // The name comes last and goes first, so that it never leads to what does not answer.
    const dnsName = after(this.#balancer.dnsName, [rule, ...attachments, ...admissions]);
    const name = this.#args.zone.record(of, host, { dnsName, zoneId: this.#balancer.zoneId });
    return pulumi.interpolate`https://${name}`;
  }

  #createGroup(name: string): aws.ec2.SecurityGroup {
    const group = new aws.ec2.SecurityGroup(
      name,
      {
        description: "The load balancer: people come in, and only nodes are reached",
        vpcId: this.#args.network.vpcId,
        tags: { Name: `${this.#args.name}-load-balancer` },
      },
      { parent: this },
    );
    for (const [scheme, port] of [
      ["http", HTTP],
      ["https", HTTPS],
    ] as const) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-${scheme}`,
        {
          securityGroupId: group.id,
          description: `people, by ${scheme}`,
          cidrIpv4: EVERYBODY,
          ...tcp(port),
        },
        { parent: this },
      );
    }
    return group;
  }

  /** @returns the listener that hosts are put behind; one that nobody knows gets a 404 */
  #createListeners(name: string): aws.lb.Listener {
    const loadBalancerArn = this.#balancer.arn;
    new aws.lb.Listener(
      `${name}-http`,
      {
        loadBalancerArn,
        port: HTTP,
        protocol: "HTTP",
        defaultActions: [
          {
            type: "redirect",
            redirect: { protocol: "HTTPS", port: String(HTTPS), statusCode: "HTTP_301" },
          },
        ],
      },
      { parent: this },
    );
    return new aws.lb.Listener(
      `${name}-https`,
      {
        loadBalancerArn,
        port: HTTPS,
        protocol: "HTTPS",
        sslPolicy: TLS_POLICY,
        certificateArn: this.#args.certificateArn,
        defaultActions: [
          {
            type: "fixed-response",
            fixedResponse: {
              contentType: "text/plain",
              messageBody: "no such host",
              statusCode: "404",
            },
          },
        ],
      },
      { parent: this },
    );
  }

  /**
   * Lets the load balancer out to a port of the nodes, and in there. Rules of their own, and not of
   * the groups: each group names the other, and neither could be deleted first.
   */
  #admit(of: string, host: string, nodePort: pulumi.Input<number>): pulumi.CustomResource[] {
    const nodes = this.#args.nodes.securityGroupId;
    const ports = tcp(nodePort);
    const out = new aws.vpc.SecurityGroupEgressRule(
      of,
      {
        securityGroupId: this.#group.id,
        description: `requests for ${host}`,
        referencedSecurityGroupId: nodes,
        ...ports,
      },
      { parent: this },
    );
    const into = new aws.vpc.SecurityGroupIngressRule(
      of,
      {
        securityGroupId: nodes,
        description: `requests for ${host} from the load balancer`,
        referencedSecurityGroupId: this.#group.id,
        ...ports,
      },
      { parent: this },
    );
    return [out, into];
  }
}

function tcp(port: pulumi.Input<number>) {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}
