import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";
import { inOneLine } from "./oneLine.ts";

/** Seconds that resolvers may keep the record which shows that a domain is ours. */
const VALIDATION_TTL = 300;

/** Which hosted zone the names are put in. */
export interface ZoneArgs {
  /** Domain of the zone, such as yourcom.example. */
  readonly domain: string;
  /** True: the stack makes the zone; false: it takes a public one that the account has already. */
  readonly create: boolean;
  /** True: a zone that the stack made is protected; otherwise it goes with all its records. */
  readonly retain: boolean;
}

/** What a name stands for: something of AWS that has a name and a zone of its own. */
export interface AliasTarget {
  readonly dnsName: pulumi.Input<string>;
  /** ID of the hosted zone that AWS keeps the name in. */
  readonly zoneId: pulumi.Input<string>;
  /** False: Route 53 cannot ask whether it is well, as with CloudFront. @default true */
  readonly tellsHealth?: boolean;
}

/** A public hosted zone of Route 53, and what is in it of ours. An adopted one outlives the stack. */
export class Zone extends pulumi.ComponentResource {
  readonly zoneId: pulumi.Output<string>;
  /**
   * Its name servers. The parent domain must delegate to them: until it does nobody finds the names,
   * and certificates are not issued.
   */
  readonly nameServers: pulumi.Output<string[]>;
  readonly #name: string;
  readonly #validations = new Map<string, aws.route53.Record>();

  constructor(name: string, args: ZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:Zone", name, {}, opts);
    this.#name = name;
    const zone = args.create
      ? this.#create(args)
      : pulumi.output(findZone(args.domain, { parent: this }));
    this.zoneId = zone.zoneId;
    this.nameServers = zone.nameServers;
    this.registerOutputs({});
  }

  /**
   * Lets a host name lead to something of AWS, over IPv4 and, where that has it, IPv6.
   *
   * @param of resource name, unique in the zone
   * @param host full name, in the zone's domain
   * @returns the host name, known once both records are there
   */
  record(of: string, host: string, target: AliasTarget): pulumi.Output<string> {
    const { dnsName, zoneId, tellsHealth: evaluateTargetHealth = true } = target;
    const records = (["A", "AAAA"] as const).map(
      (type) =>
        new aws.route53.Record(
          `${this.#name}-${of}-${type.toLowerCase()}`,
          {
            zoneId: this.zoneId,
            name: host,
            type,
            aliases: [{ name: dnsName, zoneId, evaluateTargetHealth }],
          },
          { parent: this },
        ),
    );
    return after(host, records);
  }

  /**
   * A certificate of ACM that browsers trust. AWS issues it for names that it finds validation
   * records of, and renews it as long as they stay.
   *
   * @param of resource name, unique in the zone
   * @param hosts names that it is for, in the zone's domain, wildcards allowed
   * @param region where it is kept, which is where it can be used; the provider's by default
   * @returns its ARN, known once it is issued
   */
  certificate(
    of: string,
    hosts: readonly [string, ...string[]],
    region?: string,
  ): pulumi.Output<string> {
    const [domainName, ...subjectAlternativeNames] = hosts;
    const name = `${this.#name}-${of}`;
    const elsewhere = region === undefined ? {} : { region };
    const certificate = new aws.acm.Certificate(
      name,
      {
        domainName,
        validationMethod: "DNS",
        ...(subjectAlternativeNames.length > 0 ? { subjectAlternativeNames } : {}),
        ...elsewhere,
      },
      { parent: this },
    );
    // A wildcard is shown to be ours by the record of the name behind it.
    const bases = new Set(hosts.map(withoutWildcard));
    return new aws.acm.CertificateValidation(
      name,
      {
        certificateArn: certificate.arn,
        validationRecordFqdns: [...bases].map((base) => this.#validation(base, certificate).fqdn),
        ...elsewhere,
      },
      { parent: this },
    ).certificateArn;
  }

  #create({ domain, retain }: ZoneArgs): aws.route53.Zone {
    return new aws.route53.Zone(
      this.#name,
      { name: domain, forceDestroy: !retain },
      { parent: this, protect: retain },
    );
  }

  /** One for each name: all certificates of an account for a name ask for the same record. */
  #validation(base: string, certificate: aws.acm.Certificate): aws.route53.Record {
    const known = this.#validations.get(base);
    if (known) return known;
    const option = certificate.domainValidationOptions.apply((options) => {
      const found = options.find(({ domainName }) => withoutWildcard(domainName) === base);
      if (found) return found;
      throw new pulumi.RunError(`the certificate asks for no validation record of ${base}`);
    });
    const record = new aws.route53.Record(
      `${this.#name}-validation-${base}`,
      {
        zoneId: this.zoneId,
        name: option.resourceRecordName,
        type: option.resourceRecordType,
        records: [option.resourceRecordValue],
        ttl: VALIDATION_TTL,
      },
      { parent: this },
    );
    this.#validations.set(base, record);
    return record;
  }
}

function withoutWildcard(host: string): string {
  return host.replace(/^\*\./, "");
}

/**
 * The public hosted zone of a domain.
 *
 * @throws pulumi.RunError when AWS gives none, with what it says
 */
function findZone(domain: string, opts: pulumi.InvokeOptions): Promise<aws.route53.GetZoneResult> {
  return inOneLine(
    aws.route53.getZone({ name: domain, privateZone: false }, opts),
    (said) =>
      `no hosted zone to adopt for domain "${domain}": ${said}; make a public one of that name in ` +
      "this account, or set web-greetings:hostedZone to create, or web-greetings:domain",
  );
}
