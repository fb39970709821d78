import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { bundle } from "../../apps/build.ts";
import { applyTopics } from "../../apps/kafka-agent/src/topics.ts";
import { openAdmin } from "../../apps/shared/kafka.ts";
import { startCluster, whyNoKafka } from "../apps/broker.ts";
import { findKafka } from "../apps/jars.ts";
import { type AppProcess, startApp } from "../apps/processes.ts";
import { benchApi } from "./api/bench.ts";
import { appEnvironment, type BenchKafka } from "./kafka.ts";
import { runLoad } from "./load.ts";
import { type Measured, median, seconds } from "./measure.ts";
import { benchWorker } from "./worker/bench.ts";

const partitions = 6;

/** Three brokers on loopback with mutual TLS, for as long as `work` takes. */
async function withKafka<T>(work: (kafka: BenchKafka) => Promise<T>): Promise<T> {
  const jars = findKafka();
  if (!jars) throw new Error(whyNoKafka());
  const cluster = await startCluster(3);
  try {
    const kafka = { brokers: cluster.secure, tls: cluster.tls, topic: "web-greetings", jars };
    const admin = openAdmin({ brokers: cluster.plain, tls: undefined, clientId: "bench" });
    const topic = { name: kafka.topic, partitions, replicas: 3, config: {} };
    const clock = { now: () => performance.now(), pause: (ms: number) => pause(ms) };
    await applyTopics(admin, [topic], { deadlineMs: 60_000, ...clock, print: () => {} });
    await admin.close();
    return await work(kafka);
  } finally {
    await cluster.stop();
  }
}

/** API and Worker beside Kafka's own tools, all over mutual TLS. */
export function throughput(rounds: number): Promise<Measured[]> {
  return withKafka(async (kafka) => {
    const shape = { connections: [64, 256], seconds: 8, runs: rounds, records: 300_000 };
    const api = await benchApi(kafka, shape);
    const worker = await benchWorker(kafka, { records: 300_000, recordBytes: 100, runs: rounds });
    return [...api, worker];
  });
}

/** Resident memory of a process, MiB. */
function memoryOf({ process: { pid } }: AppProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Memory of both apps in the second and in the fifth minute of steady load. */
export function memory(): Promise<Measured[]> {
  return withKafka(async (kafka) => {
    const environment = appEnvironment(kafka);
    const api = await startApp(bundle("api"), "api", environment);
    const worker = await startApp(bundle("worker"), "worker", environment);
    const samples: Record<"api" | "worker", number[]> = { api: [], worker: [] };
    const target = (n: number) => `/api/publish/${n}`;
    const load = { host: "127.0.0.1", port: api.port, connections: 64, seconds: 10, target };
    try {
      // Thirty loads of ten seconds are five minutes; a look at both after each.
      for (let index = 0; index < 30; index++) {
        await runLoad({ ...load, method: "POST" });
        samples.api.push(memoryOf(api));
        samples.worker.push(memoryOf(worker));
      }
    } finally {
      await Promise.all([api.stop("SIGTERM"), worker.stop("SIGTERM")]);
    }
    return (["api", "worker"] as const).map((app): Measured => {
      const [second, fifth] = [samples[app].slice(6, 12), samples[app].slice(24, 30)];
      return {
        what: `memory of the ${app} in the fifth minute of load`,
        ours: fifth,
        against: { what: "in the second", values: second },
        unit: "MiB",
        goal: "at most 1.1 x",
        met: median(fifth) <= 1.1 * median(second),
      };
    });
  });
}

/** Time from the start of the API's process until it listens. */
export async function start(rounds: number): Promise<Measured[]> {
  const context = bundle("api");
  const ours: number[] = [];
  // Nobody listens there: the API listens whether or not brokers do.
  const environment = { KAFKA_BROKERS: "127.0.0.1:1", KAFKA_TOPIC: "web-greetings", DRAIN_MS: "0" };
  for (let round = 0; round < rounds; round++) {
    let app: AppProcess | undefined;
    ours.push(
      1000 *
        (await seconds(async () => {
          app = await startApp(context, "api", environment);
        })),
    );
    await app?.stop("SIGTERM");
  }
  const met = median(ours) <= 500;
  return [
    { what: "start of the API until it listens", ours, unit: "ms", goal: "at most 500 ms", met },
  ];
}
