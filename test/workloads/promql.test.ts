import assert from "node:assert/strict";
import { metricsOf } from "./promql.ts";

describe("the metrics of an expression", () => {
  const table = {
    up: ["up"],
    'max(kafka_cluster_brokers{pod=~"kafka-.*"}) < 3': ["kafka_cluster_brokers"],
    "sum by (topic) (rate(a_total[$__rate_interval])) / on (topic) group_left (x) b": [
      "a_total",
      "b",
    ],
    'label_replace(a{x="b (c"}, "to", "$1", "from", "(.*)") or vector(0)': ["a"],
    "predict_linear(a[6h], 4 * 86400) < 0 and b offset 5m unless c": ["a", "b", "c"],
    "sum(rate(job:a:rate5m[5m])) without (x) > bool 1e3": ["job:a:rate5m"],
    "histogram_quantile(0.99, sum by (le) (rate(s_bucket[1m])))": ["s_bucket"],
    "time() - min(b)": ["b"],
  };
  for (const [expr, metrics] of Object.entries(table)) {
    it(`is ${metrics.join(", ")} of ${expr}`, () => assert.deepEqual(metricsOf(expr), metrics));
  }

  for (const [expr, sign] of [
    ["sum(a", "("],
    ["sum(a[5m)", ")"],
    ['a{b="c}', '"'],
    ["a}", "}"],
  ] as const) {
    it(`fails for ${expr}`, () => {
      assert.throws(() => metricsOf(expr), new Error(`${sign} has no other half in ${expr}`));
    });
  }
});
