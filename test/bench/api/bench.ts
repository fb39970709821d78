import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundle } from "../../../apps/build.ts";
import { startApp } from "../../apps/processes.ts";
import { until } from "../../until.ts";
import { appEnvironment, type BenchKafka, producerPerf } from "../kafka.ts";
import { type LoadResult, runLoad } from "../load.ts";
import { type Measured, median, ratio } from "../measure.ts";

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

/** Shares of the bare route and of Kafka's own producer that are to be reached, by connections. */
const goals: Readonly<Record<number, { readonly bare: number; readonly producer?: number }>> = {
  64: { bare: 0.12 },
  256: { bare: 0.3, producer: 0.3 },
};

interface Row {
  readonly connections: number;
  readonly api: LoadResult[];
  readonly bare: LoadResult[];
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
export async function benchApi(kafka: BenchKafka, options: ApiBenchOptions): Promise<Measured[]> {
  const [api, bare] = [await startApi(kafka), await startBare()];
  try {
    await load(api.port, 64, WARM_SECONDS);
    await load(bare.port, 64, WARM_SECONDS);
    const producer: number[] = [];
    const rows = options.connections.map(
      (connections): Row => ({ connections, api: [], bare: [] }),
    );
    for (let run = 0; run < options.runs; run++) {
      producer.push(await producerPerf(kafka, options.records, TEXT_BYTES));
      for (const row of rows) {
        row.bare.push(await load(bare.port, row.connections, options.seconds));
        row.api.push(await load(api.port, row.connections, options.seconds));
      }
    }
    return rows.flatMap((row) => compare(row, producer));
  } finally {
    await Promise.all([api.stop(), bare.stop()]);
  }
}

function compare(row: Row, producer: readonly number[]): Measured[] {
  const { connections } = row;
  const goal = goals[connections];
  const ours = row.api.map(({ perSecond }) => perSecond);
  const times = (key: "p50" | "p99") => median(row.api.map((result) => result[key])).toFixed(1);
  const what = `API, ${connections} connections (p50 ${times("p50")} ms, p99 ${times("p99")} ms)`;
  const against = (
    name: string,
    values: readonly number[],
    least: number | undefined,
  ): Measured => ({
    what,
    ours,
    against: { what: name, values },
    unit: "/s",
    goal: least === undefined ? "" : `at least ${least} x`,
    met: least === undefined || ratio(ours, values) >= least,
  });
  const bare = row.bare.map(({ perSecond }) => perSecond);
  return [
    against("the same route without Kafka", bare, goal?.bare),
    against("Kafka's producer-perf-test", producer, goal?.producer),
  ];
}
