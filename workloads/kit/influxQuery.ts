import type { Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { type Query, sources } from "./dashboard.ts";

/**
 * A query to InfluxDB 1 as Grafana's data source takes it; its SDK knows none.
 * https://grafana.com/docs/grafana/latest/datasources/influxdb/query-editor/
 */
export interface InfluxQuery {
  readonly refId: string;
  readonly datasource: typeof sources.influxdb;
  /** InfluxQL, in which `$timeFilter` and `$__interval` may stand. */
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: "time_series";
  /** Name of a line, in which `$tag_host` and the like may stand. */
  readonly alias: string;
}

/** What is asked of one measurement. */
export interface InfluxArgs {
  /** Name of the measurement, such as `cpu`. */
  readonly from: string;
  /** What of it, such as `mean("usage_user")`. */
  readonly select: string;
  /** Condition besides that of the time. @default none */
  readonly where?: string;
  /** Tags that make a line each. @default none: one line */
  readonly by?: readonly string[];
  /** Name of a line, in which `$tag_host` and the like may stand. */
  readonly alias: string;
}

/** A query to InfluxDB, a number for each step of the time that is looked at. */
export function influxql(args: InfluxArgs): Query {
  const query = renderInfluxql(args);
  return {
    source: "influxdb",
    builder: (refId) => ({
      build(): InfluxQuery & Dataquery {
        return {
          refId,
          datasource: sources.influxdb,
          query,
          rawQuery: true,
          resultFormat: "time_series",
          alias: args.alias,
          // The SDK's mark of a query, which JSON leaves out.
          _implementsDataqueryVariant() {},
        };
      },
    }),
  };
}

/** The text of it; steps without a number stay empty rather than 0. */
function renderInfluxql({ from, select, where, by = [] }: InfluxArgs): string {
  const condition = where === undefined ? "" : ` AND (${where})`;
  const groups = ["time($__interval)", ...by.map((tag) => `"${tag}"`)].join(", ");
  return `SELECT ${select} FROM "${from}" WHERE $timeFilter${condition} GROUP BY ${groups} fill(none)`;
}
