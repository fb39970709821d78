import type { LoadResult } from "../load.ts";
import { type Measured, ratio } from "../measure.ts";

/** Results of the rounds of a load, and what was loaded, as a table names it. */
export interface Rounds {
  readonly what: string;
  readonly results: readonly LoadResult[];
}

/** How much less, and how much later, the edge may answer. */
export interface EdgeGoals {
  /** Least share of the rate. */
  readonly rate: number;
  /** Most times the 99th percentile. */
  readonly p99: number;
}

/** Rate and 99th percentile of a load through the edge beside those of the same load without it. */
export function compare(edge: Rounds, straight: Rounds, goals?: EdgeGoals): Measured[] {
  const both = (key: "perSecond" | "p99") => ({
    ours: edge.results.map((result) => result[key]),
    against: { what: straight.what, values: straight.results.map((result) => result[key]) },
  });
  const [rate, p99] = [both("perSecond"), both("p99")];
  return [
    {
      what: edge.what,
      ...rate,
      unit: "/s",
      goal: goals ? `at least ${goals.rate} x` : "",
      met: !goals || ratio(rate.ours, rate.against.values) >= goals.rate,
    },
    {
      what: `${edge.what}, p99`,
      ...p99,
      unit: "ms",
      goal: goals ? `at most ${goals.p99} x` : "",
      met: !goals || ratio(p99.ours, p99.against.values) <= goals.p99,
    },
  ];
}
