import { type Input, RunError } from "@pulumi/pulumi";

/** TCP ports of a broker's pod. */
export const ports = {
  /** Clients and other brokers, mutual TLS. */
  kafka: 9093,
  /** Health of the agent beside the broker. */
  health: 9404,
  /** Metrics of the broker's JVM, on the loopback alone; the agent passes them on. */
  jvm: 9405,
} as const;

/** Names that DNS names are made of. */
export const names = {
  namespace: "kafka",
  /** Of the clients' service, and of the pods: `kafka-0`, `kafka-1`, ... */
  service: "kafka",
  /** Of the service that gives each broker its name. */
  servers: "kafka-brokers",
} as const;

/** DNS name of the clients' service, which every broker's certificate has. */
export const SERVED_NAME = `${names.service}.${names.namespace}.svc`;
/** DNS name of the brokers' service. */
const SERVERS = `${names.servers}.${names.namespace}.svc`;

/** Where the pod has its files. */
export const paths = {
  config: "/etc/kafka/config",
  tls: "/etc/kafka/tls",
  data: "/var/lib/kafka/data",
  /** What the rack container leaves for the broker. */
  node: "/var/run/node",
  /** The agent inside the JVM that shows its metrics. */
  jvmAgent: "/var/run/node/jmx.jar",
} as const;

/** A topic as it is to be. */
export interface Topic {
  /** Letters, digits, dots, dashes and underscores. */
  readonly name: string;
  /** How many partitions; can be raised later, never lowered. */
  readonly partitions: number;
  /** Hours that messages are kept. */
  readonly retentionHours: number;
  /** Consumer groups that read it; how far behind they are is measured. @default none */
  readonly readers?: readonly string[];
}

/** What server.properties depends on. */
export interface ServerPropertiesArgs {
  /** `host:port` of ZooKeeper. */
  readonly zookeeper: string;
  /** Partitions of the topics that Kafka keeps for itself. */
  readonly internalPartitions: number;
}

/** Copies of every partition, each in another broker. */
const REPLICAS = 3;
/** Copies that must have a message before it is acknowledged; one broker may be away. */
const MIN_IN_SYNC = 2;

/**
 * server.properties, the same for every broker: what differs (number, rack, name) is given at the
 * start. https://kafka.apache.org/39/documentation.html#brokerconfigs
 */
export function renderServerProperties(args: ServerPropertiesArgs): string {
  return lines([
    ...zookeeperClient(args.zookeeper),
    ...listener(),
    ...durability(args.internalPartitions),
    `log.dirs=${paths.data}/topics`,
    "auto.create.topics.enable=false",
    // A broker that is gone without a word is replaced as leader after this time.
    "zookeeper.session.timeout.ms=9000",
    "controlled.shutdown.enable=true",
    "num.network.threads=2",
    "num.io.threads=4",
    "log.cleaner.dedupe.buffer.size=16777216",
  ]);
}

function zookeeperClient(address: string): string[] {
  const prefix = "zookeeper.ssl";
  return [
    `zookeeper.connect=${address}`,
    "zookeeper.connection.timeout.ms=60000",
    "zookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty",
    // What brokers write there, others with a certificate may not change.
    "zookeeper.set.acl=true",
    `${prefix}.client.enable=true`,
    `${prefix}.protocol=TLSv1.3`,
    `${prefix}.enabled.protocols=TLSv1.3`,
    `${prefix}.endpoint.identification.algorithm=HTTPS`,
    ...stores(prefix),
  ];
}

function listener(): string[] {
  return [
    `listeners=SSL://:${ports.kafka}`,
    "security.inter.broker.protocol=SSL",
    "ssl.client.auth=required",
    "ssl.enabled.protocols=TLSv1.3",
    "ssl.endpoint.identification.algorithm=HTTPS",
    ...stores("ssl"),
  ];
}

function stores(prefix: string): string[] {
  return [
    `${prefix}.keystore.location=${paths.tls}/keystore.pem`,
    `${prefix}.keystore.type=PEM`,
    `${prefix}.truststore.location=${paths.tls}/ca.crt`,
    `${prefix}.truststore.type=PEM`,
  ];
}

function durability(internalPartitions: number): string[] {
  return [
    `default.replication.factor=${REPLICAS}`,
    `min.insync.replicas=${MIN_IN_SYNC}`,
    "unclean.leader.election.enable=false",
    `offsets.topic.replication.factor=${REPLICAS}`,
    `offsets.topic.num.partitions=${internalPartitions}`,
    `transaction.state.log.replication.factor=${REPLICAS}`,
    `transaction.state.log.min.isr=${MIN_IN_SYNC}`,
    `transaction.state.log.num.partitions=${internalPartitions}`,
  ];
}

/** log4j.properties: to the console alone, where the cluster's logs are taken from. */
export function renderLog4j(): string {
  return lines([
    "log4j.rootLogger=INFO, console",
    "log4j.appender.console=org.apache.log4j.ConsoleAppender",
    "log4j.appender.console.layout=org.apache.log4j.PatternLayout",
    "log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %m (%c{1})%n",
    "log4j.logger.org.apache.zookeeper=WARN",
    "log4j.logger.kafka.authorizer.logger=WARN",
  ]);
}

/**
 * Start of a broker: its number is its pod's, its rack the zone of its node, its name the one that
 * the brokers' service gives to the pod. The agent that shows the JVM's metrics is in no variable of
 * the container: Kafka's own tools, run in it, would want the same port.
 */
export function renderStart(): string {
  const agent = `${paths.jvmAgent}=127.0.0.1:${ports.jvm}:${paths.config}/jmx.yml`;
  return lines([
    `export KAFKA_OPTS="$KAFKA_OPTS -javaagent:${agent}"`,
    `exec /opt/kafka/bin/kafka-server-start.sh ${paths.config}/server.properties \\`,
    `  --override "broker.id=\${HOSTNAME##*-}" \\`,
    `  --override "broker.rack=$(cat ${paths.node}/rack)" \\`,
    `  --override "advertised.listeners=SSL://$HOSTNAME.${SERVERS}:${ports.kafka}"`,
  ]);
}

/** topics.json, which the agent's `topics` command applies. */
export function renderTopics(topics: readonly Topic[]): string {
  const declared = topics.map(({ name, partitions, retentionHours }) => ({
    name,
    partitions,
    replicas: REPLICAS,
    config: {
      "min.insync.replicas": `${MIN_IN_SYNC}`,
      "retention.ms": `${retentionHours * 3_600_000}`,
    },
  }));
  return `${JSON.stringify(declared, null, 2)}\n`;
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}

/** Who reads what, `group:topic` separated by commas, as the agent takes it. */
export function renderReaders(topics: readonly Topic[]): string {
  return topics
    .flatMap(({ name, readers = [] }) => readers.map((group) => `${group}:${name}`))
    .join(",");
}

/** Environment of the agent and of our own clients: where Kafka is, and who they are. */
export function agentEnv(brokers: Input<string>): { name: string; value: Input<string> }[] {
  return [
    { name: "KAFKA_BROKERS", value: brokers },
    { name: "KAFKA_CA_FILE", value: `${paths.tls}/ca.crt` },
    { name: "KAFKA_CERT_FILE", value: `${paths.tls}/tls.crt` },
    { name: "KAFKA_KEY_FILE", value: `${paths.tls}/tls.key` },
  ];
}

/**
 * Refuses what cannot work.
 *
 * @throws RunError on fewer brokers than copies, and on a Kafka that does not know ZooKeeper
 */
export function requireSound(brokers: number, version: string) {
  if (!Number.isInteger(brokers) || brokers < REPLICAS || brokers > 99) {
    throw new RunError(
      `kafka cannot have ${brokers} brokers: every message is in ${REPLICAS} of them; ` +
        `allowed: whole numbers from ${REPLICAS} to 99`,
    );
  }
  if (!/^3\.[0-9]\.\d+$/.test(version)) {
    throw new RunError(
      `kafka cannot be version ${version}: it runs on ZooKeeper, which 4.0 no longer knows; ` +
        "allowed: 3.x up to 3.9",
    );
  }
}

/** Names of the certificate: the clients' service, and every broker. */
export function dnsNames(): string[] {
  const hosts = [SERVED_NAME, `*.${SERVERS}`];
  return hosts.flatMap((host) => [host, `${host}.cluster.local`]);
}

/** DNS name of every broker. */
export function brokerHosts(brokers: number): readonly string[] {
  return Array.from({ length: brokers }, (_, ordinal) => `${names.service}-${ordinal}.${SERVERS}`);
}

/** `host:port` of every broker, separated by commas. */
export function brokerAddresses(brokers: number): string {
  return brokerHosts(brokers)
    .map((host) => `${host}:${ports.kafka}`)
    .join(",");
}
