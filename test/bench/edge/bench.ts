import { ports } from "../../../workloads/greetings/config.ts";
import { Client, type WayIn } from "../../live/stack/client.ts";
import type { Pod, Stack } from "../../live/stack/fixture.ts";
import { Scale } from "../../live/stack/scale.ts";
import { type LoadOptions, type LoadResult, runLoad } from "../load.ts";
import type { Measured } from "../measure.ts";
import { arrival, settle } from "./arrival.ts";
import { compare, type EdgeGoals } from "./compare.ts";
import { programNames, spent } from "./processor.ts";

const CONNECTIONS = 64;
const SECONDS = 6;
const WARM_SECONDS = 2;
/** Most seconds from a pod's readiness to its first answer through the edge. */
const ARRIVAL_SECONDS = 5;

type Address = Pick<LoadOptions, "host" | "port" | "tls">;

/** A request, and what the edge is held to with it. */
interface Sent {
  readonly what: string;
  readonly method: LoadOptions["method"];
  readonly target: LoadOptions["target"];
  readonly status: number;
  readonly goals?: EdgeGoals;
}

const requests: readonly Sent[] = [
  {
    what: "POST /api/publish/...",
    method: "POST",
    target: (n) => `/api/publish/${n}`,
    status: 201,
    goals: { rate: 0.7, p99: 2 },
  },
  { what: "GET /health", method: "GET", target: () => "/health", status: 200 },
];

/** A load, and the processor time of each program by the request. */
interface Loaded extends LoadResult {
  readonly processor: ReadonlyMap<string, number>;
}

/** Throws on any other answer than the right one. */
async function load(to: Address, sent: Sent, seconds: number): Promise<Loaded> {
  const { method, target, status } = sent;
  const [result, spentMs] = await spent(() =>
    runLoad({ ...to, connections: CONNECTIONS, seconds, method, target }),
  );
  const others = [...result.statuses].filter(([answer]) => answer !== status);
  if (others.length > 0) {
    const answers = JSON.stringify(others);
    throw new Error(`${sent.what} at ${to.host}: answers other than ${status}: ${answers}`);
  }
  const requests = result.statuses.get(status) ?? 0;
  return { ...result, processor: new Map([...spentMs].map(([of, ms]) => [of, ms / requests])) };
}

/** Processor time by the request of each program, through the edge beside straight. */
function costs(what: string, edge: readonly Loaded[], straight: readonly Loaded[]): Measured[] {
  const of = (program: string, results: readonly Loaded[]) =>
    results.map(({ processor }) => processor.get(program) ?? 0);
  return programNames.map((program) => ({
    what: `${what}, processor time of ${program} a request`,
    ours: of(program, edge),
    ...(program === "nginx"
      ? {}
      : { against: { what: "straight", values: of(program, straight) } }),
    unit: "ms",
    goal: "",
    met: true,
  }));
}

/**
 * Loads the pods of the API through the edge, and straight in turn. It is the same pods in both, for
 * what they themselves can do depends on how many they are: each has batches of its own. Load
 * generator, edge, API and brokers share the machine, and the generator too has TLS to do: all that
 * is in the ratio.
 */
async function rates(way: WayIn, pods: readonly Pod[], rounds: number): Promise<Measured[]> {
  const { hostname, port } = new URL(way.base);
  const through = { host: hostname, port: Number(port), tls: { ca: way.authority } };
  const straight = { host: pods.map(({ status }) => status.podIP ?? ""), port: ports.http };
  const count = pods.length === 1 ? "1 pod" : `${pods.length} pods`;
  const measured: Measured[] = [];
  for (const sent of requests) {
    const what = `${sent.what}, ${CONNECTIONS} connections, ${count}`;
    const results = { edge: [] as Loaded[], straight: [] as Loaded[] };
    for (const address of [through, straight]) await load(address, sent, WARM_SECONDS);
    for (let round = 0; round < rounds; round++) {
      results.edge.push(await load(through, sent, SECONDS));
      results.straight.push(await load(straight, sent, SECONDS));
    }
    const edge = { what: `${what}, through the edge`, results: results.edge };
    measured.push(...compare(edge, { what: "straight", results: results.straight }, sent.goals));
    if (sent.goals) measured.push(...costs(what, results.edge, results.straight));
  }
  return measured;
}

/** The way in beside the API without it, and how soon it finds a new pod. The stack must be up. */
export async function benchEdge(stack: Stack, rounds: number): Promise<Measured[]> {
  const way = await stack.wayIn();
  const client = new Client(way);
  const scale = await Scale.of(stack, "api");
  try {
    const measured: Measured[] = [];
    for (const count of [1, 2]) {
      measured.push(...(await rates(way, await settle(stack, client, scale, count), rounds)));
    }
    const ours: number[] = [];
    for (let round = 0; round < rounds; round++) ours.push(await arrival(stack, client, scale));
    const arrived: Measured = {
      what: "from a new pod of the API being ready to its first answer through the edge",
      ours,
      unit: "s",
      goal: `at most ${ARRIVAL_SECONDS} s`,
      met: Math.max(...ours) <= ARRIVAL_SECONDS,
    };
    return [...measured, arrived];
  } finally {
    await scale.free();
  }
}
