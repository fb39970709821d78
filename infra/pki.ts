import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const day = 24;
/** The authority outlives every leaf it signs. */
const authorityHours = 10 * 365 * day;
const leafHours = 365 * day;
/** An `up` within this time before the end makes a new leaf, and the pods roll onto it. */
const renewalHours = 30 * day;

/** What an authority is made of. */
export interface CertificateAuthorityArgs {
  /** Organization in every subject, for people who look at a certificate. */
  readonly organization: string;
  /** Another number makes new keys and certificates for all that it has signed. @default 1 */
  readonly edition?: number;
  /** Whose `ends` name this one's certificates as well. @default none */
  readonly beside?: CertificateAuthority;
}

/** Whom a leaf certificate speaks for. */
export interface LeafArgs {
  /** Name of the identity: what servers see of a client, and ACLs name. */
  readonly commonName: string;
  /** Host names that it serves, wildcards allowed; empty for a pure client. */
  readonly dnsNames: readonly string[];
  /** Addresses that it serves. @default none */
  readonly ipAddresses?: readonly string[];
}

/** A key and its certificate, PEM. */
export interface Leaf {
  /** Private key, PKCS#8, which both OpenSSL and Java read; secret. */
  readonly keyPem: pulumi.Output<string>;
  /** Certificate of the key, signed by the authority. */
  readonly certPem: pulumi.Output<string>;
  /** Certificate of the authority, to verify others with. */
  readonly caPem: pulumi.Output<string>;
}

/**
 * The internal certificate authority: every server and client in the cluster shows a certificate of
 * it and accepts no other. Its key is in Pulumi's state alone, encrypted; no pod ever holds it.
 *
 * ZooKeeper's servers accept each other by an authority of their own, and so do Consul's agents;
 * these authorities sign for nobody else.
 *
 * | identity                | who                          | server names                    | client of                |
 * |-------------------------|------------------------------|---------------------------------|--------------------------|
 * | zookeeper               | ZooKeeper servers            | zookeeper, *.zookeeper-servers  | each other               |
 * | kafka                   | brokers, their watch, topics | kafka, *.kafka-brokers          | ZooKeeper, Kafka         |
 * | consul                  | Consul servers, their set-up | consul, localhost               | Consul                   |
 * | consul-agent            | Consul agents of the nodes   | consul-agent, localhost         | themselves               |
 * | operator                | people, by `make ui`         | none                            | web interfaces           |
 * | greetings-api           | API                          | greetings-api                   | Kafka, Consul            |
 * | greetings-worker        | Worker                       | greetings-worker                | Kafka, Consul            |
 * | edge                    | the way in, towards people   | edge.edge.svc, what people open | Consul                   |
 * | console                 | the operators' way in        | console.console.svc             | web interfaces           |
 * | prometheus              | Prometheus                   | prometheus, localhost           | all with metrics, Consul |
 * | prometheus-alertmanager | Alertmanager                 | alertmanager, localhost         | each other               |
 * | prometheus-state        | kube-state-metrics           | kube-state-metrics, localhost   | nobody                   |
 * | prometheus-node         | node-exporters               | node-exporter, localhost        | nobody                   |
 * | influxdb                | InfluxDB                     | influxdb                        | nobody                   |
 * | telegraf                | Telegraf of the nodes        | telegraf.telegraf.svc           | nobody                   |
 * | telegraf-services       | Telegraf that asks servers   | telegraf.influxdb.svc           | Kafka's watch            |
 * | grafana                 | Grafana                      | grafana                         | Prometheus, InfluxDB     |
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** Certificate of the authority, PEM. */
  readonly certPem: pulumi.Output<string>;
  readonly #key: tls.PrivateKey;
  readonly #organization: string;
  readonly #ends: Record<string, pulumi.Output<string>>;
  /** Which one of its leaves' editions is the present one. */
  readonly edition: number;

  constructor(
    name: string,
    args: CertificateAuthorityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("web-greetings:pki:CertificateAuthority", name, {}, opts);
    this.#organization = args.organization;
    this.edition = args.edition ?? 1;
    this.#key = privateKey(name, this);
    const certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: this.#key.privateKeyPem,
        subject: { commonName: `${args.organization} internal`, organization: args.organization },
        validityPeriodHours: authorityHours,
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        setSubjectKeyId: true,
      },
      { parent: this },
    );
    this.certPem = certificate.certPem;
    this.#ends = args.beside ? args.beside.#ends : {};
    this.#ends[`authority ${name}`] = certificate.validityEndTime;
    this.registerOutputs({ certPem: this.certPem });
  }

  /**
   * When each certificate ends, RFC 3339, by the name of its resource without its edition. Known
   * once the program has made all its resources: those signed after this is asked for are in it.
   */
  get ends(): pulumi.Output<Record<string, string>> {
    return pulumi.output(Promise.resolve(this.#ends));
  }

  /**
   * Signs a certificate for a key of its own, valid for a year as server and as client.
   *
   * @param of resource name, unique in the stack
   */
  issue(of: string, args: LeafArgs, opts: { readonly parent?: pulumi.Resource } = {}): Leaf {
    const parent = opts.parent ?? this;
    const name = this.edition === 1 ? of : `${of}-${this.edition}`;
    const key = privateKey(name, parent);
    const request = new tls.CertRequest(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: args.commonName, organization: this.#organization },
        dnsNames: [...args.dnsNames],
        ...(args.ipAddresses ? { ipAddresses: [...args.ipAddresses] } : {}),
      },
      { parent },
    );
    const certificate = new tls.LocallySignedCert(
      name,
      {
        caPrivateKeyPem: this.#key.privateKeyPem,
        caCertPem: this.certPem,
        certRequestPem: request.certRequestPem,
        validityPeriodHours: leafHours,
        earlyRenewalHours: renewalHours,
        allowedUses: ["digital_signature", "server_auth", "client_auth"],
        setSubjectKeyId: true,
      },
      { parent },
    );
    this.#ends[of] = certificate.validityEndTime;
    return { keyPem: key.privateKeyPemPkcs8, certPem: certificate.certPem, caPem: this.certPem };
  }
}

function privateKey(name: string, parent: pulumi.Resource): tls.PrivateKey {
  return new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent });
}
