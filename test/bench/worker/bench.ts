import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundle } from "../../../apps/build.ts";
import { appEnvironment, type BenchKafka, consumerPerf, producerPerf } from "../kafka.ts";
import { type Measured, ratio } from "../measure.ts";

/** How to measure. `runs` is odd. */
export interface WorkerBenchOptions {
  /** Records of the topic to print in each run; written first. */
  readonly records: number;
  readonly recordBytes: number;
  readonly runs: number;
}

const NEWLINE = 0x0a;

/** Messages a second that a Worker of a new group prints, from the first line to the last. */
async function workerRate(context: string, kafka: BenchKafka, records: number): Promise<number> {
  const group = `bench-worker-${process.pid}-${Date.now()}`;
  const env = { ...appEnvironment(kafka), KAFKA_GROUP: group, ADMIN_PORT: "0" };
  const child = spawn(process.execPath, [join(context, "main.cjs")], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // The line `Running!` is the first.
  let left = records + 1;
  let first = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (left <= records && first === 0) {
      first = performance.now();
    }
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      left--;
    }
    if (left <= 0) {
      break;
    }
  }
  const seconds = (performance.now() - first) / 1000;
  child.kill("SIGKILL");
  await once(child, "exit");
  return records / seconds;
}

/**
 * Measures the Worker side by side with Kafka's own consumer on the same records. The Worker prints
 * and commits, the consumer throws away; both are timed without the time to join the group.
 */
export async function benchWorker(
  kafka: BenchKafka,
  options: WorkerBenchOptions,
): Promise<Measured> {
  const context = bundle("worker");
  await producerPerf(kafka, options.records, options.recordBytes);
  const workers: number[] = [];
  const consumers: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    consumers.push(await consumerPerf(kafka, options.records));
    workers.push(await workerRate(context, kafka, options.records));
  }
  return {
    what: `Worker, records of ${options.recordBytes} bytes`,
    ours: workers,
    against: { what: "Kafka's consumer-perf-test", values: consumers },
    unit: "/s",
    goal: "at least 0.5 x",
    met: ratio(workers, consumers) >= 0.5,
  };
}
