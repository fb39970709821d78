import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundle } from "../../../apps/build.ts";
import { startApp } from "../../apps/processes.ts";
import { until } from "../../until.ts";
import { appEnvironment, type BenchKafka, median, producerPerf } from "../kafka.ts";
import { type LoadResult, runLoad } from "../load.ts";

/** Bytes of each text. */
const TEXT_BYTES = 100;
const WARM_SECONDS = 3;

/** How to measure. `runs` is odd. */
export interface ApiBenchOptions {
  readonly connections: readonly number[];
  readonly seconds: number;
  readonly runs: number;
  /** Records for Kafka's own producer. */
  readonly records: number;
}

/** Medians of the runs. Rates in requests or records a second, times in milliseconds. */
export interface ApiBenchRow {
  readonly connections: number;
  readonly api: number;
  readonly p50: number;
  readonly p99: number;
  readonly bare: number;
  /** API against the same route without Kafka, and against Kafka's own producer. */
  readonly ofBare: number;
  readonly ofProducer: number;
}

/** A server to load: its port, and how to end it. */
interface Target {
  readonly port: number;
  stop(): Promise<unknown>;
}

async function startBare(): Promise<Target> {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "bare.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return {
    port: Number(String(line)),
    stop: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

async function startApi(kafka: BenchKafka): Promise<Target> {
  const app = await startApp(bundle("api"), "api", { ...appEnvironment(kafka), DRAIN_MS: "0" });
  await until("the API is ready", 30, async () => (await app.admin("/readyz")) === 200);
  return { port: app.port, stop: () => app.stop("SIGTERM") };
}

/** Loads with distinct texts. Throws when an answer was not 201. */
async function load(port: number, connections: number, seconds: number): Promise<LoadResult> {
  const result = await runLoad({
    host: "127.0.0.1",
    port,
    connections,
    seconds,
    method: "POST",
    target: (n) => `/api/publish/${String(n).padStart(TEXT_BYTES, "x")}`,
  });
  const others = [...result.statuses].filter(([status]) => status !== 201);
  if (others.length > 0) {
    throw new Error(`answers other than 201 (status, count): ${JSON.stringify(others)}`);
  }
  return result;
}

/**
 * Measures the API side by side with the same fastify route without Kafka and with Kafka's own
 * producer on the same brokers, records and acknowledgements. The load generator is a process of its
 * own and takes about as much of the machine as the bare server: rates are the machine's, ratios are
 * what can be compared.
 */
export async function benchApi(
  kafka: BenchKafka,
  options: ApiBenchOptions,
): Promise<readonly ApiBenchRow[]> {
  const [api, bare] = [await startApi(kafka), await startBare()];
  try {
    await load(api.port, 64, WARM_SECONDS);
    await load(bare.port, 64, WARM_SECONDS);
    const producer: number[] = [];
    const results = options.connections.map((connections) => ({
      connections,
      api: [] as LoadResult[],
      bare: [] as LoadResult[],
    }));
    for (let run = 0; run < options.runs; run++) {
      producer.push(await producerPerf(kafka, options.records, TEXT_BYTES));
      for (const row of results) {
        row.bare.push(await load(bare.port, row.connections, options.seconds));
        row.api.push(await load(api.port, row.connections, options.seconds));
      }
    }
    return results.map((row) => {
      const of = (list: readonly LoadResult[], key: "perSecond" | "p50" | "p99") =>
        median(list.map((result) => result[key]));
      const rate = of(row.api, "perSecond");
      return {
        connections: row.connections,
        api: rate,
        p50: of(row.api, "p50"),
        p99: of(row.api, "p99"),
        bare: of(row.bare, "perSecond"),
        ofBare: rate / of(row.bare, "perSecond"),
        ofProducer: rate / median(producer),
      };
    });
  } finally {
    await Promise.all([api.stop(), bare.stop()]);
  }
}
