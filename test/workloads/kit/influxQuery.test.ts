import assert from "node:assert/strict";
import { influxql } from "../../../workloads/kit/influxQuery.ts";

/** What Grafana reads of it. */
function read(...args: Parameters<typeof influxql>) {
  return JSON.parse(
    JSON.stringify(
      influxql(...args)
        .builder("A")
        .build(),
    ),
  );
}

describe("a query to InfluxDB", () => {
  it("is a text of InfluxQL with the marks that Grafana's data source looks for", () => {
    assert.deepEqual(read({ from: "mem", select: 'mean("used")', alias: "used" }), {
      refId: "A",
      datasource: { type: "influxdb", uid: "influxdb" },
      query:
        'SELECT mean("used") FROM "mem" WHERE $timeFilter GROUP BY time($__interval) fill(none)',
      rawQuery: true,
      resultFormat: "time_series",
      alias: "used",
    });
  });

  it("has a condition and a line for each of some tags, where it is told to", () => {
    const { query } = read({
      from: "cpu",
      select: 'mean("usage_idle")',
      where: "\"cpu\" = 'cpu-total'",
      by: ["host", "name"],
      alias: "$tag_host",
    });
    assert.equal(
      query,
      'SELECT mean("usage_idle") FROM "cpu" WHERE $timeFilter AND ("cpu" = \'cpu-total\') ' +
        'GROUP BY time($__interval), "host", "name" fill(none)',
    );
  });
});
