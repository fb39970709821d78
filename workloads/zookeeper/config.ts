import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";

/** TCP ports of a server. */
export const ports = {
  /** Clients, TLS only. */
  client: 2281,
  /** Followers to the leader. */
  quorum: 2888,
  /** Elections. */
  election: 3888,
  /** Prometheus metrics. */
  metrics: 7000,
} as const;

/** Where the pod has its files. */
export const paths = {
  config: "/conf",
  data: "/data",
  /** Certificate for clients. */
  tls: "/tls",
  /** Certificate of the ensemble's own authority. */
  quorumTls: "/quorum-tls",
} as const;

/** Sizes of a server. */
export interface Size extends Resources {
  /** Heap of the JVM in MiB. */
  readonly heapMiB: number;
  /** Options of the JVM besides its heap. */
  readonly jvmOptions: readonly string[];
  /** Volume in GiB. */
  readonly dataGiB: number;
}

/** Sizes of a server by target. */
export const sizes: Readonly<Record<Scale, Size>> = {
  small: {
    cpu: 0.05,
    cpuLimit: 2,
    memoryMiB: 320,
    heapMiB: 128,
    dataGiB: 1,
    jvmOptions: ["-XX:TieredStopAtLevel=1"],
  },
  full: { cpu: 0.5, cpuLimit: 2, memoryMiB: 1536, heapMiB: 1024, jvmOptions: [], dataGiB: 20 },
};

/** What zoo.cfg depends on. */
export interface ZooCfgArgs {
  /** Host names of all servers; the first is server 1. */
  readonly servers: readonly string[];
}

/**
 * zoo.cfg: every port that leaves the pod is TLS with certificates on both sides.
 * https://zookeeper.apache.org/doc/r3.9.4/zookeeperAdmin.html
 */
export function renderZooCfg(args: ZooCfgArgs): string {
  return lines([
    ...basics(),
    ...clientSecurity(),
    ...quorumSecurity(),
    ...args.servers.map(
      (host, index) => `server.${index + 1}=${host}:${ports.quorum}:${ports.election}`,
    ),
  ]);
}

function basics(): string[] {
  return [
    "tickTime=2000",
    "initLimit=10",
    "syncLimit=5",
    `dataDir=${paths.data}`,
    "autopurge.snapRetainCount=3",
    "autopurge.purgeInterval=1",
    // For the probes only, which are the pod itself: what it answers to is no session (see below).
    "clientPort=2181",
    "clientPortAddress=127.0.0.1",
    "4lw.commands.whitelist=ruok,srvr,mntr",
    "admin.serverAddress=127.0.0.1",
    "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
    "metricsProvider.httpHost=0.0.0.0",
    `metricsProvider.httpPort=${ports.metrics}`,
    "standaloneEnabled=false",
    "reconfigEnabled=false",
    // A server's own name may not be known to the DNS yet when it starts.
    "quorumListenOnAllIPs=true",
  ];
}

function clientSecurity(): string[] {
  return [
    "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
    `secureClientPort=${ports.client}`,
    "authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    // No session without a certificate, so none over the plain port either.
    "enforce.auth.enabled=true",
    "enforce.auth.schemes=x509",
    "ssl.clientAuth=need",
    ...stores("ssl", paths.tls),
  ];
}

function quorumSecurity(): string[] {
  return [
    "sslQuorum=true",
    "ssl.quorum.clientAuth=need",
    ...stores("ssl.quorum", paths.quorumTls),
    // In its FIPS mode, which is the default, ZooKeeper verifies no host name between servers.
    "fips-mode=false",
    "ssl.quorum.hostnameVerification=true",
    // Of a server that calls only the address is known, and the DNS learns about a new pod too late.
    // Nobody but the servers holds a certificate of the quorum's authority, which says more.
    "ssl.quorum.clientHostnameVerification=false",
  ];
}

function stores(prefix: string, folder: string): string[] {
  return [
    `${prefix}.keyStore.location=${folder}/keystore.pem`,
    `${prefix}.keyStore.type=PEM`,
    `${prefix}.trustStore.location=${folder}/ca.crt`,
    `${prefix}.trustStore.type=PEM`,
    `${prefix}.protocol=TLSv1.3`,
    `${prefix}.enabledProtocols=TLSv1.3`,
  ];
}

/** logback.xml: to the console alone, where the cluster's logs are taken from. */
export function renderLogback(): string {
  return lines([
    "<configuration>",
    '  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">',
    "    <encoder>",
    "      <pattern>%d{ISO8601} %-5p [%t] %c{1} - %m%n</pattern>",
    "    </encoder>",
    "  </appender>",
    '  <root level="INFO">',
    '    <appender-ref ref="CONSOLE"/>',
    "  </root>",
    "</configuration>",
  ]);
}

/** Start of a server: its number follows from the pod's name, `<name>-0` being server 1. */
export function renderStart(): string {
  return lines([
    `echo $((\${HOSTNAME##*-} + 1)) > ${paths.data}/myid`,
    "exec zkServer.sh start-foreground",
  ]);
}

/**
 * A probe: asks the server on the pod's own loopback a four-letter word, and succeeds if the answer
 * matches a Bash pattern. The image has no client that starts fast enough.
 */
export function renderProbe(word: "ruok" | "srvr", pattern: string): string {
  return lines([
    "exec 3<>/dev/tcp/127.0.0.1/2181",
    `printf ${word} >&3`,
    "answer=$(cat <&3)",
    `[[ $answer == ${pattern} ]]`,
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
