import { ports } from "../../../workloads/greetings/config.ts";
import { Client, type WayIn } from "../../live/stack/client.ts";
import type { Pod, Stack } from "../../live/stack/fixture.ts";
import { Scale } from "../../live/stack/scale.ts";
import { type LoadOptions, type LoadResult, runLoad } from "../load.ts";
import type { Measured } from "../measure.ts";
import { arrival, settle } from "./arrival.ts";
import { compare, type EdgeGoals } from "./compare.ts";

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

/** Throws on any other answer than the right one. */
async function load(to: Address, sent: Sent, seconds: number): Promise<LoadResult> {
  const { method, target, status } = sent;
  const result = await runLoad({ ...to, connections: CONNECTIONS, seconds, method, target });
  const others = [...result.statuses].filter(([answer]) => answer !== status);
  if (others.length > 0) {
    const answers = JSON.stringify(others);
    throw new Error(`${sent.what} at ${to.host}: answers other than ${status}: ${answers}`);
  }
  return result;
}

function candidate(what: string, address: Address) {
  const results: LoadResult[] = [];
  return { what, address, results };
}

/**
 * Loads the edge, one pod of the API, and both its pods in turn. Beside one pod alone the edge has
 * the advantage of two; beside both the edge itself makes the difference. Load generator, edge, API
 * and brokers share the machine, and the generator too has TLS to do: all that is in the ratio.
 */
async function rates(way: WayIn, pods: readonly Pod[], rounds: number): Promise<Measured[]> {
  const { hostname, port } = new URL(way.base);
  const through = { host: hostname, port: Number(port), tls: { ca: way.authority } };
  const addresses = pods.map(({ status }) => status.podIP ?? "");
  const measured: Measured[] = [];
  for (const sent of requests) {
    const edge = candidate(`${sent.what}, ${CONNECTIONS} connections, through the edge`, through);
    const [one, both] = [
      candidate("straight to one pod", { host: addresses.slice(0, 1), port: ports.http }),
      candidate("straight to both pods", { host: addresses, port: ports.http }),
    ] as const;
    const all = [edge, one, both];
    for (const { address } of all) await load(address, sent, WARM_SECONDS);
    for (let round = 0; round < rounds; round++) {
      for (const { address, results } of all) results.push(await load(address, sent, SECONDS));
    }
    measured.push(...compare(edge, one, sent.goals), ...compare(edge, both, sent.goals));
  }
  return measured;
}

/** The way in beside the API without it, and how soon it finds a new pod. The stack must be up. */
export async function benchEdge(stack: Stack, rounds: number): Promise<Measured[]> {
  const way = await stack.wayIn();
  const client = new Client(way);
  const scale = await Scale.of(stack, "api");
  try {
    const pods = await settle(stack, client, scale, 2);
    const measured = await rates(way, pods, rounds);
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
