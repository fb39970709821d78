import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";
import { makeCertificates, type TrialTls } from "./certificates.ts";
import { findKafka } from "./jars.ts";

/** One broker of a trial cluster. */
export interface TrialBroker {
  readonly id: number;
  readonly plainPort: number;
  readonly tlsPort: number;
  readonly process: () => ChildProcess | undefined;
  start(): Promise<void>;
  /** Ends it with `signal` and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** A trial cluster of ZooKeeper and brokers on loopback. */
export interface TrialCluster {
  readonly brokers: readonly TrialBroker[];
  /** host:port list of the plain-text listeners. */
  readonly plain: readonly string[];
  /** host:port list of the mutual TLS listeners. */
  readonly secure: readonly string[];
  readonly tls: TrialTls;
  stop(): Promise<void>;
}

/** Why no trial cluster can run here, or undefined. */
export function whyNoKafka(): string | undefined {
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    execFileSync("openssl", ["version"], { stdio: "ignore" });
  } catch {
    return "needs java and openssl on the PATH";
  }
  return findKafka() ? undefined : "needs Kafka's jars: set KAFKA_JARS or run make sandbox-up";
}

/** A TCP port of loopback that nobody has. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

interface JavaProcess {
  readonly folder: string;
  readonly jars: string;
  readonly name: string;
  readonly heapMb: number;
}

function java(spec: JavaProcess, mainClass: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(spec.folder, `${spec.name}.log`), "a");
  const logback = join(spec.folder, "logback.xml");
  const options = [`-Xmx${spec.heapMb}m`, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4"];
  const child = spawn(
    "java",
    [
      ...options,
      `-Dlogback.configurationFile=${logback}`,
      "-cp",
      `${spec.jars}/*`,
      mainClass,
      ...args,
    ],
    { stdio: ["ignore", log, log], cwd: spec.folder },
  );
  return endWithUs(child);
}

/** Nothing that was started stays behind, even when the process ends in the middle of a trial. */
function endWithUs(child: ChildProcess): ChildProcess {
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.removeListener("exit", kill));
  return child;
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return !child || child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child && !hasEnded(child)) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}

function serverProperties(
  id: number,
  ports: { readonly plain: number; readonly tls: number; readonly zookeeper: number },
  folder: string,
  replicas: number,
): string {
  return [
    `broker.id=${id}`,
    `broker.rack=zone-${id}`,
    `zookeeper.connect=127.0.0.1:${ports.zookeeper}`,
    "zookeeper.session.timeout.ms=4000",
    `listeners=PLAINTEXT://127.0.0.1:${ports.plain},SSL://127.0.0.1:${ports.tls}`,
    "inter.broker.listener.name=PLAINTEXT",
    `log.dirs=${join(folder, `data-${id}`)}`,
    "num.partitions=6",
    `default.replication.factor=${replicas}`,
    `min.insync.replicas=${Math.max(1, replicas - 1)}`,
    `offsets.topic.replication.factor=${replicas}`,
    "offsets.topic.num.partitions=3",
    `transaction.state.log.replication.factor=${replicas}`,
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=3",
    "auto.create.topics.enable=false",
    "group.initial.rebalance.delay.ms=0",
    "group.min.session.timeout.ms=1000",
    "log.segment.bytes=67108864",
    "ssl.keystore.type=PEM",
    `ssl.keystore.location=${join(folder, "server.store.pem")}`,
    "ssl.truststore.type=PEM",
    `ssl.truststore.location=${join(folder, "ca.pem")}`,
    "ssl.client.auth=required",
    "ssl.endpoint.identification.algorithm=",
    "",
  ].join("\n");
}

/** Starts ZooKeeper and `count` brokers on free ports of loopback; `heapMb` for each broker. */
export async function startCluster(count: number, heapMb = 384): Promise<TrialCluster> {
  const jars = findKafka();
  if (!jars) {
    throw new Error(whyNoKafka());
  }
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-kafka-"));
  const { client: tls } = makeCertificates(folder);
  const quiet = '<configuration><root level="WARN"/></configuration>';
  writeFileSync(join(folder, "logback.xml"), quiet);
  const zookeeper = await freePort();
  const data = join(folder, "zookeeper");
  mkdirSync(data);
  writeFileSync(
    join(folder, "zoo.cfg"),
    `dataDir=${data}\nclientPortAddress=127.0.0.1\nclientPort=${zookeeper}\nadmin.enableServer=false\ntickTime=1000\n`,
  );
  const keeper = java(
    { folder, jars, name: "zookeeper", heapMb: 128 },
    "org.apache.zookeeper.server.quorum.QuorumPeerMain",
    [join(folder, "zoo.cfg")],
  );
  await until("ZooKeeper answers", 90, () => answers(zookeeper));
  const brokers: TrialBroker[] = [];
  for (let id = 0; id < count; id++) {
    const [plain, secure] = [await freePort(), await freePort()];
    const file = join(folder, `server-${id}.properties`);
    writeFileSync(
      file,
      serverProperties(id, { plain, tls: secure, zookeeper }, folder, Math.min(count, 3)),
    );
    let child: ChildProcess | undefined;
    brokers.push({
      id,
      plainPort: plain,
      tlsPort: secure,
      process: () => child,
      start: async () => {
        await until(`broker ${id} answers`, 90, () => {
          // One that comes back before the session of its killed self has run out ends at once, and
          // is started again, as a kubelet would.
          if (hasEnded(child)) {
            child = java({ folder, jars, name: `broker-${id}`, heapMb }, "kafka.Kafka", [file]);
          }
          return answers(plain);
        });
      },
      stop: (signal) => end(child, signal),
    });
  }
  await Promise.all(brokers.map((broker) => broker.start()));
  return {
    brokers,
    plain: brokers.map(({ plainPort }) => `127.0.0.1:${plainPort}`),
    secure: brokers.map(({ tlsPort }) => `127.0.0.1:${tlsPort}`),
    tls,
    stop: async () => {
      await Promise.all(brokers.map((broker) => broker.stop("SIGKILL")));
      await end(keeper, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
