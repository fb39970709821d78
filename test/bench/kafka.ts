import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TlsFiles } from "../../apps/shared/kafka.ts";

/** The brokers to measure against, and Kafka's jars for its own tools. */
export interface BenchKafka {
  /** host:port of the brokers. */
  readonly brokers: readonly string[];
  /** Absent: plain text. The key must be PKCS 8. */
  readonly tls: TlsFiles | undefined;
  readonly topic: string;
  readonly jars: string;
}

/** Settings of our apps that lead to the brokers. */
export function appEnvironment({ brokers, tls, topic }: BenchKafka): Record<string, string> {
  return {
    KAFKA_BROKERS: brokers.join(","),
    KAFKA_TOPIC: topic,
    ...(tls && {
      KAFKA_CA_FILE: tls.caFile,
      KAFKA_CERT_FILE: tls.certFile,
      KAFKA_KEY_FILE: tls.keyFile,
    }),
  };
}

function clientProperties({ brokers, tls }: BenchKafka, folder: string): string {
  const lines = [`bootstrap.servers=${brokers.join(",")}`];
  if (tls) {
    const store = join(folder, "store.pem");
    const pem = (file: string) => readFileSync(file, "utf8");
    writeFileSync(store, pem(tls.keyFile) + pem(tls.certFile), { mode: 0o600 });
    lines.push("security.protocol=SSL", "ssl.keystore.type=PEM", `ssl.keystore.location=${store}`);
    lines.push("ssl.truststore.type=PEM", `ssl.truststore.location=${tls.caFile}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Runs one of Kafka's tools with the way to the brokers in a file, and returns what it printed. */
async function runTool(
  kafka: BenchKafka,
  mainClass: string,
  args: (properties: string) => readonly string[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-bench-"));
  try {
    const properties = join(folder, "client.properties");
    writeFileSync(properties, clientProperties(kafka, folder));
    const java = ["-Xmx512m", "-cp", `${kafka.jars}/*`, mainClass, ...args(properties)];
    const { stdout } = await promisify(execFile)("java", java, { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Records a second of Kafka's own producer: idempotent, acknowledged by all in-sync replicas. */
export async function producerPerf(
  kafka: BenchKafka,
  records: number,
  recordBytes: number,
): Promise<number> {
  const printed = await runTool(kafka, "org.apache.kafka.tools.ProducerPerformance", (file) => [
    ...["--topic", kafka.topic, "--num-records", `${records}`, "--record-size", `${recordBytes}`],
    ...["--throughput", "-1", "--producer.config", file],
    ...["--producer-props", "acks=all", "enable.idempotence=true"],
  ]);
  const rate = /records sent, ([0-9.]+) records\/sec.*50th/.exec(printed)?.[1];
  if (!rate) {
    throw new Error(`no rate in what the producer's tool printed: ${printed.slice(-300)}`);
  }
  return Number(rate);
}

/** Records a second of Kafka's own consumer, from the first fetch to the last record. */
export async function consumerPerf(kafka: BenchKafka, records: number): Promise<number> {
  const printed = await runTool(kafka, "org.apache.kafka.tools.ConsumerPerformance", (file) => [
    ...["--bootstrap-server", kafka.brokers.join(","), "--topic", kafka.topic],
    ...["--messages", `${records}`, "--group", `bench-${process.pid}-${Date.now()}`],
    ...["--consumer.config", file, "--hide-header", "--timeout", "60000"],
  ]);
  // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
  const rate = printed.trim().split("\n").at(-1)?.split(", ")[9];
  if (!rate) {
    throw new Error(`no rate in what the consumer's tool printed: ${printed.slice(-300)}`);
  }
  return Number(rate);
}
