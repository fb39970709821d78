import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";
import type { Zone } from "./dns.ts";
import { admit, createGroup, HTTP, HTTPS, letOutToLogin } from "./loadBalancerGroup.ts";
import type { Login } from "./login.ts";
import type { Network } from "./network.ts";
import type { Nodes } from "./nodes.ts";

/** TLS 1.3 and 1.2, and only ciphers with forward secrecy. */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/** Seconds that a connection may be silent. */
const IDLE_TIMEOUT = 60;
/** Seconds that requests have to end on a node that is taken out. */
const DRAINING = 15;
/** How nodes are asked whether they can serve: seconds, and how many answers in a row count. */
const HEALTH = { interval: 10, timeout: 5, answers: 2 } as const;

/** Seconds within which it is noticed that a node can serve, or cannot any more. */
export const NOTICES_WITHIN = HEALTH.interval * HEALTH.answers + HEALTH.timeout;

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

/** What is behind the load balancer. */
export interface Target {
  /** Port of the nodes behind which it serves HTTPS; no other target has it. */
  readonly nodePort: pulumi.Input<number>;
  /** Path that answers 200 while it can serve. */
  readonly healthPath: string;
}

/** A target under one host. */
export interface Opening extends Target {
  /** Name that people open, in the certificate. */
  readonly host: string;
}

/** A target under several hosts, for those who have logged in. */
export interface GuardedOpening extends Target {
  /** Names that people open, in the certificate, by resource name. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly login: Pick<Login, "action">;
}

/** What becomes of requests, and what must be there before one comes. */
interface Passage {
  readonly actions: aws.types.input.lb.ListenerRuleAction[];
  readonly ready: readonly pulumi.Resource[];
}

/**
 * The one way in from the internet: an application load balancer that ends TLS, and passes each
 * host's requests on to a port of the nodes, again by TLS. It is ours and no controller's, so that
 * destroying the stack takes it whole.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** Its ARN in the account. */
  readonly arn: pulumi.Output<string>;
  readonly #args: LoadBalancerArgs;
  readonly #group: aws.ec2.SecurityGroup;
  readonly #balancer: aws.lb.LoadBalancer;
  readonly #https: aws.lb.Listener;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:LoadBalancer", name, {}, opts);
    this.#args = args;
    this.#group = createGroup(name, { name: args.name, vpcId: args.network.vpcId }, this);
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
    this.arn = this.#balancer.arn;
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
  open(of: string, { host, ...target }: Opening): pulumi.Output<string> {
    return this.#lead(of, host, this.#reach(of, target));
  }

  /**
   * Opens a port of the nodes to those who have logged in, under several host names.
   *
   * @param of resource name of what all hosts share, as that of `open`
   * @returns the URLs that people open, by the hosts' resource names, known as that of `open`
   */
  openGuarded(
    of: string,
    { hosts, login, ...target }: GuardedOpening,
  ): Readonly<Record<string, pulumi.Output<string>>> {
    const { actions, ready } = this.#reach(of, target);
    const passage = {
      actions: [login.action, ...actions],
      ready: [...ready, letOutToLogin(of, this.#group, this)],
    };
    return Object.fromEntries(
      Object.entries(hosts).map(([name, host]) => [name, this.#lead(name, host, passage)]),
    );
  }

  /** Lets requests through to a port of the nodes. */
  #reach(of: string, { nodePort, healthPath }: Target): Passage {
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
          interval: HEALTH.interval,
          timeout: HEALTH.timeout,
          healthyThreshold: HEALTH.answers,
          unhealthyThreshold: HEALTH.answers,
        },
      },
      { parent: this },
    );
    const attachments = this.#args.nodes.autoscalingGroupNames.map(
      (autoscalingGroupName, index) => {
        const group = { autoscalingGroupName, lbTargetGroupArn: targets.arn };
        return new aws.autoscaling.Attachment(`${of}-${index + 1}`, group, { parent: this });
      },
    );
    const nodes = this.#args.nodes.securityGroupId;
    const admissions = admit(of, { group: this.#group, nodes, nodePort }, this);
    return {
      actions: [{ type: "forward", targetGroupArn: targets.arn }],
      ready: [...attachments, ...admissions],
    };
  }

  /** Gives a passage a host name. */
  #lead(of: string, host: string, { actions, ready }: Passage): pulumi.Output<string> {
    // Without a priority it gets the next one that is free: no two rules are for the same host.
    const rule = new aws.lb.ListenerRule(
      of,
      {
        listenerArn: this.#https.arn,
        conditions: [{ hostHeader: { values: [host] } }],
        actions,
      },
      { parent: this },
    );
    // The name comes last and goes first, so that it never leads to what does not answer.
    const dnsName = after(this.#balancer.dnsName, [rule, ...ready]);
    const name = this.#args.zone.record(of, host, { dnsName, zoneId: this.#balancer.zoneId });
    return pulumi.interpolate`https://${name}`;
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
}
