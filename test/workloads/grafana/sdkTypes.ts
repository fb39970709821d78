import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import type { Options as StatOptions } from "@grafana/grafana-foundation-sdk/stat";
import type {
  FieldConfig as GraphField,
  Options as GraphOptions,
} from "@grafana/grafana-foundation-sdk/timeseries";
import type { InfluxQuery } from "../../../workloads/kit/influxQuery.ts";

/** A whole dashboard; what its panels ask and how they are set is any object to it. */
export type DashboardModel = Dashboard;
/** What a panel asks of Prometheus. */
export type PrometheusQuery = Omit<Dataquery, "_implementsDataqueryVariant">;
/** What a panel asks of InfluxDB; the SDK has none, so it is our own. */
export type InfluxdbQuery = InfluxQuery;
/** `options` of a panel that shows the latest number. */
export type StatPanelOptions = StatOptions;
/** `options` of a panel of lines. */
export type GraphPanelOptions = GraphOptions;
/** `fieldConfig.defaults.custom` of a panel of lines. */
export type GraphPanelField = GraphField;
